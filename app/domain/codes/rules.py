"""How a label token is built and how a scanned text is read.

The twin in JavaScript is `app/static/js/scan/codes.js`; both are tested against
`tests/data/code_vectors.json`. Reading never raises and never decides: it gives candidates in the
order in which they must be tried, because a token wins only if it exists.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from random import Random

from app.core.errors import Invalid
from app.domain.codes import gs1
from app.domain.codes.digital_link import read_link

# 23 is prime, so a weighted sum finds every single slip and every swap of neighbours.
# No vowels (no words), no 0 1 O I L, none of the letters that AZERTY and QWERTZ move.
ALPHABET = "23456789BCDFGHJKNPRSTVX"
TOKEN_LENGTH = 13
LONGEST_TEXT = 4096
LONGEST_ALIAS = 128
LONGEST_REASON = 200


class CodeKind(StrEnum):
    """The first letter of a token says what it stands for."""

    UNIT = "R"
    LOT = "K"
    LOCATION = "X"
    ITEM = "P"
    CONTAINER = "B"
    PARTNER = "C"
    DEPARTMENT = "D"
    ORDER = "N"
    PERSON = "H"
    MACHINE = "J"
    COMMAND = "S"
    COUNT = "T"


class Scheme(StrEnum):
    """What a candidate must be looked up as."""

    TOKEN = "token"
    UUID = "uuid"
    SSCC = "gs1:sscc"
    SGTIN = "gs1:sgtin"
    GTIN_LOT = "gs1:lot"
    GTIN = "gs1:gtin"
    ALIAS = "alias"


class Problem(StrEnum):
    """Why a text gives no usable candidate, in the order in which it is found out."""

    EMPTY = "empty"
    TOO_LONG = "too_long"
    CHECK = "check"  # it has the shape of a token, but a character is wrong
    GS1_CHECK = gs1.CHECK
    GS1_FORM = gs1.FORM
    GS1_COMPRESSED = gs1.COMPRESSED


@dataclass(frozen=True, slots=True)
class Candidate:
    """One way to understand a text; `value` is normalised for the look-up."""

    scheme: Scheme
    value: str


@dataclass(frozen=True, slots=True)
class ParsedCode:
    """Candidates in the order to try, and what is wrong with the text, if anything.

    `elements` is what a GS1 code says, (identifier, value) in their order.
    """

    candidates: tuple[Candidate, ...] = ()
    problem: Problem | None = None
    elements: tuple[tuple[str, str], ...] = ()


_VALUES = {character: value for value, character in enumerate(ALPHABET)}
_KINDS = "".join(CodeKind)
_GAP = r"[ \-\u2010-\u2015]{0,3}"
_TAIL = rf"(?:{_GAP}[{ALPHABET}]){{12}}"
_FLAGS = re.ASCII | re.IGNORECASE
# A look-ahead finds overlapping runs; nothing may follow a token that could belong to it.
_TOKEN_RUN = re.compile(rf"(?=([{_KINDS}]{_TAIL})(?![0-9A-Z]))", _FLAGS)
# Looser on purpose: whoever types an O for a 0 must hear that a character is wrong.
_TOKEN_SHAPE = re.compile(rf"[{_KINDS}](?:{_GAP}[0-9A-Z]){{12}}", _FLAGS)
_UUID_RUN = re.compile(
    r"(?<![0-9A-F])[0-9A-F]{8}-[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{12}(?![0-9A-F])",
    _FLAGS,
)
_AIM_PREFIX = re.compile(r"^\][A-Za-z][0-9A-Fa-f]")
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060\ufeff]")
_SPACES = re.compile(r"[ \u00a0]+")
_TOKEN_IN_PATH = re.compile(r"/Q/([^/?#]+)/?$", _FLAGS)


def check_character(first_twelve: str) -> str:
    """The last character of a token: the weighted sum of the twelve before it, modulo 23."""
    total = sum(weight * _VALUES[char] for weight, char in enumerate(first_twelve, start=1))
    return ALPHABET[total % len(ALPHABET)]


def make_token(kind: CodeKind, random: Random) -> str:
    """A new token; the caller draws again when the database already knows it."""
    first_twelve = kind.value + "".join(random.choice(ALPHABET) for _ in range(11))
    return first_twelve + check_character(first_twelve)


def is_token(text: str) -> bool:
    """Whether the text is exactly a token in normal form, its check character right."""
    return (
        len(text) == TOKEN_LENGTH
        and text[0] in _KINDS
        and all(char in _VALUES for char in text)
        and check_character(text[:-1]) == text[-1]
    )


def kind_of(token: str) -> CodeKind:
    """What a token stands for."""
    return CodeKind(token[0])


def display_token(token: str) -> str:
    """The token as it is printed: R7K3-F9H2-XVTB-2."""
    return "-".join(token[start : start + 4] for start in range(0, len(token), 4))


def short_code(token: str) -> str:
    """The four characters that people say."""
    return token[:4]


def replaced_words(token: str, newest: str | None) -> str:
    """What whoever scans an old label is told; the thing is found all the same."""
    known = f"The newest is {display_token(newest)}." if newest else "There is no newer one."
    return f"Label {display_token(token)} was replaced. {known}"


def void_words(token: str, reason: str | None) -> str:
    """What whoever scans a void label is told; it finds nothing."""
    return (
        f"Label {display_token(token)} is void: {reason or 'no reason is known'}. "
        "Take it off, and ask the desk for the right one."
    )


def clean_reason(text: str) -> str:
    """Why somebody does something to a label, in one line. Raises Invalid."""
    reason = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    if not 1 <= len(reason) <= LONGEST_REASON:
        raise Invalid(f"Say why, in 1 to {LONGEST_REASON} characters.", field="reason")
    return reason


def normalise_alias(text: str) -> str:
    """A foreign code as it is stored and compared: one case, single spaces, no controls."""
    return _upper(_SPACES.sub(" ", _CONTROLS.sub("", text)).strip(" "))


def parse(text: str) -> ParsedCode:
    """Read what a scanner, a camera or a hand gave. Never raises, never looks anything up."""
    if len(text) > LONGEST_TEXT:
        return ParsedCode(problem=Problem.TOO_LONG)
    cleaned = _clean(text)
    if not cleaned:
        return ParsedCode(problem=Problem.EMPTY)
    token = _last_token(cleaned)
    uuids = _UUID_RUN.findall(cleaned)
    read = read_link(cleaned) or gs1.read(text) or gs1.Reading()
    found = [Candidate(Scheme.TOKEN, token)] if token else []
    if uuids:
        found.append(Candidate(Scheme.UUID, uuids[-1].lower()))
    found += [Candidate(Scheme(scheme), _upper(name)) for scheme, name in gs1.names(read.elements)]
    alias = normalise_alias(cleaned)
    if len(alias) <= LONGEST_ALIAS and not (token and _compact(cleaned) == token):
        found.append(Candidate(Scheme.ALIAS, alias))
    if number := gs1.article_number(cleaned):
        found.append(Candidate(Scheme.GTIN, number))
    problem = None
    if not token and not uuids and read.problem:
        problem = Problem(read.problem)
    elif not token and not uuids and _looks_like_token(cleaned):
        problem = Problem.CHECK
    return ParsedCode(tuple(found), problem, read.elements)


def token_in(text: str) -> str | None:
    """The label code of ours that a scanned text holds, whether it exists or not."""
    candidates = parse(text).candidates
    return next((one.value for one in candidates if one.scheme is Scheme.TOKEN), None)


def _clean(text: str) -> str:
    return _AIM_PREFIX.sub("", _CONTROLS.sub("", text).strip(" ")).strip(" ")


def _last_token(text: str) -> str | None:
    runs = (_compact(match.group(1)) for match in _TOKEN_RUN.finditer(text))
    good = [run for run in runs if is_token(run)]
    return good[-1] if good else None


def _looks_like_token(text: str) -> bool:
    in_path = _TOKEN_IN_PATH.search(text)
    return _TOKEN_SHAPE.fullmatch(in_path.group(1) if in_path else text) is not None


def _compact(text: str) -> str:
    return _upper(re.sub(r"[ \-\u2010-\u2015]", "", text))


def _upper(text: str) -> str:
    # ASCII only: both languages must agree on every character, also on ß and ı.
    return re.sub("[a-z]", lambda match: match.group().upper(), text)
