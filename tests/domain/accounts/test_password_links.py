"""Links that only this installation can make."""

import base64
import uuid

import pytest

from app.core.signing import sign, unsign
from app.domain.accounts.rules import PASSWORD_PURPOSE, password_link

UID = uuid.UUID("01931f00-0000-7000-8000-000000000001")
SECRET = "a secret of this installation"


def test_a_link_leads_back_to_its_uid():
    token = password_link(UID, secret=SECRET).split("/")[2]

    assert unsign(token, secret=SECRET, purpose=PASSWORD_PURPOSE) == UID


def test_a_link_of_another_installation_or_purpose_opens_nothing():
    token = sign(UID, secret=SECRET, purpose="one")

    assert unsign(token, secret=SECRET, purpose="one") == UID
    assert unsign(token, secret=SECRET, purpose="two") is None
    assert unsign(token, secret="another secret", purpose="one") is None


@pytest.mark.parametrize("text", ["", "x", "é", "=" * 60, "A" * 54, "A" * 10_000, str(UID), "\x00"])
def test_any_other_text_opens_nothing(text: str):
    assert unsign(text, secret=SECRET, purpose="one") is None


def test_a_link_with_one_bit_changed_opens_nothing():
    token = sign(UID, secret=SECRET, purpose="one")
    raw = bytearray(base64.urlsafe_b64decode(token + "=="))
    for index in range(len(raw)):
        raw[index] ^= 1
        changed = base64.urlsafe_b64encode(raw).decode().rstrip("=")
        raw[index] ^= 1

        assert unsign(changed, secret=SECRET, purpose="one") is None
