"""Codes that are nearly right: valid GS1 codes, links and labels, then cut, joined and garbled."""

from random import Random

from app.domain.codes.gs1_table import FORMATS, LINK_KEYS
from app.domain.codes.rules import CodeKind, make_token

SET_82 = "!\"%&'()*+,-./0123456789:;<=>?ABCXYZ_abcxyz"
SEPARATORS = ("\x1d", "{GS}", "<gs>", "^]", "Alt029", "ALT+029", "\u241d", "")
MARKS = ("]C1", "]d2", "]Q3", "]e0", "]J1", "]C0", "]Q1", "", "", "", "\x1d", "\x1d]C1", " ")
PATHS = ("", "a/", "01/", "q/", "00/11/", "some/path/")
DIRT = "\x00\x1d\x1e\r\n ()[]{}<>%/?&=;#]\u200b\ufeff\u00df\u0131\u017f\u212a\u0661\U0001f600\ud800"


def strange_codes(seed: int, count: int) -> list[str]:
    """The same texts for the same seed."""
    random = Random(seed)
    makers = (_element_string, _bracketed, _link, _packed, _label, _number)
    return [_garbled(random, random.choice(makers)(random)) for _ in range(count)]


def with_check_digit(digits: str) -> str:
    """The digits with their GS1 check digit behind them."""
    weighted = (int(digit) * (1 if n % 2 else 3) for n, digit in enumerate(reversed(digits)))
    return digits + str(-sum(weighted) % 10)


def _digits(random: Random, length: int) -> str:
    return "".join(random.choice("0123456789") for _ in range(length))


def _element(random: Random) -> tuple[str, str, bool]:
    form = random.choice([*FORMATS, "*N14,csum", "*N18,csum", "*N6,yymmd0", "X..20"])
    first, _, last = random.choice(FORMATS[form].split()).partition("-")
    number = random.randint(int(first), int(last or first))
    return str(number).rjust(len(first), "0"), _value(random, form), form.startswith("*")


def _value(random: Random, form: str) -> str:
    value = ""
    for component in form.lstrip("*").split():
        kind, check = component.strip("[")[0], component.partition(",")[2]
        length = int("".join(filter(str.isdigit, component.partition(",")[0])))
        if ".." in component:
            length = random.randint(1, length)
        if check == "csum":
            value += with_check_digit(_digits(random, length - 1))
        elif check == "yymmd0":
            value += (
                f"{random.randint(0, 99):02}{random.randint(1, 12):02}{random.randint(0, 31):02}"
            )
        elif kind == "N":
            value += _digits(random, length)
        else:
            value += "".join(random.choice(SET_82) for _ in range(length))
    return value


def _element_string(random: Random) -> str:
    text = random.choice(MARKS)
    for _ in range(random.randint(1, 4)):
        identifier, value, is_fixed = _element(random)
        text += identifier + value
        if not is_fixed or random.random() < 0.1:
            text += random.choice(SEPARATORS)
    return text


def _bracketed(random: Random) -> str:
    elements = [_element(random) for _ in range(random.randint(1, 4))]
    gap = random.choice(("", "", " "))
    return gap.join(f"({identifier}){gap}{value}" for identifier, value, _ in elements)


def _link(random: Random) -> str:
    key = random.choice([*LINK_KEYS, "01", "01"])
    form = next(form for form, identifiers in FORMATS.items() if key in identifiers.split())
    parts = [key, _value(random, form)]
    for qualifier in LINK_KEYS[key].partition("|")[0].split(","):
        if qualifier and random.random() < 0.5:
            parts += [qualifier, _value(random, "X..20").replace("/", "%2F").replace("?", "%3F")]
    query = "&".join(
        f"{identifier}={value}"
        for identifier, value, _ in (_element(random) for _ in range(random.randint(0, 2)))
    )
    host = random.choice(("https://id.gs1.org", "HTTP://10.0.0.7:8000", "https://shop.example"))
    tail = random.choice(("", "", "/", "#top", f"?{query}"))
    return f"{host}/{random.choice(PATHS)}{'/'.join(parts)}{tail}"


def _packed(random: Random) -> str:
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    bits = f"{random.choice((0, 1, 1, 0x0A, 0x1F, 0x21)):08b}"
    if bits == "00000000":
        bits += f"{int(with_check_digit(_digits(random, 17))):060b}"
    else:
        bits += f"{int(with_check_digit(_digits(random, 13))):047b}"
    bits += "".join(random.choice("01") for _ in range(random.randint(0, 40)))
    bits = bits.ljust(-(-len(bits) // 6) * 6, "0")
    packed = "".join(letters[int(bits[n : n + 6], 2)] for n in range(0, len(bits), 6))
    return f"https://id.gs1.org/{random.choice(('', 'a/', '01/09501101530003/'))}{packed}"


def _label(random: Random) -> str:
    token = make_token(random.choice(list(CodeKind)), random)
    return random.choice(("", "https://inv.example.com/q/", "]Q1", "000026")) + token


def _number(random: Random) -> str:
    number = with_check_digit(_digits(random, random.choice((7, 11, 12, 13, 15, 17))))
    return random.choice(("", "", "]E0", "]E4", "]C100", "(01)")) + number


def _garbled(random: Random, text: str) -> str:
    for _ in range(random.choice((0, 0, 0, 1, 1, 2, 5))):
        place = random.randint(0, len(text))
        change = random.randint(0, 4)
        if change == 0:
            text = text[:place] + random.choice(DIRT) + text[place:]
        elif change == 1:
            text = text[:place] + text[place + 1 :]
        elif change == 2:
            text = text[:place]
        elif change == 3:
            text = text[:place] + _digits(random, 1) + text[place + 1 :]
        else:
            text = text.swapcase()
    return text
