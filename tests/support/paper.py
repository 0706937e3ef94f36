"""A PDF as a printer and a scanner see it: pixels, the QR codes in them, and the words."""

from __future__ import annotations

from dataclasses import dataclass

import pypdfium2
import zxingcpp
from PIL import Image


@dataclass(frozen=True)
class Sheet:
    """One page: its picture, the words, and (left, top, text) of each code, in dots."""

    picture: Image.Image
    words: str
    codes: list[tuple[int, int, str]]


def sheets_of(pdf: bytes, dpi: int) -> list[Sheet]:
    """Every page as it comes out of a printer of so many dots per inch, read by a scanner."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        return [_sheet(page, dpi) for page in document]
    finally:
        document.close()


def _sheet(page: pypdfium2.PdfPage, dpi: int) -> Sheet:
    picture = page.render(scale=dpi / 72).to_pil().convert("L")
    text_page = page.get_textpage()
    words = text_page.get_text_bounded().replace("\r\n", "\n")
    text_page.close()
    found = zxingcpp.read_barcodes(picture, formats=zxingcpp.BarcodeFormat.QRCode)
    codes = [(one.position.top_left.x, one.position.top_left.y, one.text) for one in found]
    return Sheet(picture, words, codes)
