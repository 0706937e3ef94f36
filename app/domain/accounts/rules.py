"""Rules of accounts: the seeded roles, names, passwords, and what a submit grant promises."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.core.errors import Invalid
from app.core.rights import Permission
from app.core.signing import sign

SUBMIT_GRANT_LIFETIME = timedelta(days=14)
PASSWORD_RESET_LIFETIME = timedelta(hours=24)
PASSWORD_PURPOSE = "password-reset"
OPEN_REQUESTS_MAX = 5
LONGEST_NOTE = 500
SHORTEST_PASSWORD = 8
LONGEST_PASSWORD = 200
_USERNAME = re.compile(r"[a-z0-9][a-z0-9._@+-]{1,79}")
_EMAIL = re.compile(r"[^\s@<>,;:\"()\[\]\\]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")

# What a scan does, and the right that it needs.
SCAN_RIGHTS = {
    "putaway": Permission.LEDGER_PUTAWAY,
    "transfer": Permission.LEDGER_TRANSFER,
    "dispatch": Permission.LEDGER_DISPATCH,
    "reverse": Permission.LEDGER_UNDO,
}

_VIEW = frozenset({Permission.DASHBOARD_VIEW, Permission.STOCK_VIEW, Permission.MOVEMENTS_VIEW})
_MOVE = frozenset(
    {
        Permission.STOCK_VIEW,
        Permission.LEDGER_PUTAWAY,
        Permission.LEDGER_TRANSFER,
        Permission.LEDGER_UNDO,
        Permission.SYNC_SCAN,
    }
)
_KEEP = (
    _VIEW
    | _MOVE
    | {
        Permission.LEDGER_PRODUCE,
        Permission.LEDGER_RECEIVE,
        Permission.LEDGER_DISPATCH,
        Permission.LEDGER_ISSUE,
        Permission.LEDGER_CONSUME,
        Permission.LEDGER_RETURN,
        Permission.LEDGER_SCRAP,
        Permission.LEDGER_TRANSFORM,
        Permission.LEDGER_RESERVE,
        Permission.LEDGER_REVERSE,
        Permission.HOLDS_MANAGE,
        Permission.LABELS_PRINT,
        Permission.LABELS_MANAGE,
    }
)
_MASTER_DATA = frozenset(
    {
        Permission.CATALOG_MANAGE,
        Permission.PARTNERS_MANAGE,
        Permission.LOCATIONS_MANAGE,
        Permission.IMPORTS_RUN,
        Permission.EXPORTS_RUN,
        Permission.ALERTS_MANAGE,
        Permission.RECONCILIATION_VIEW,
    }
)
_MANAGE = frozenset(
    {Permission.LEDGER_ADJUST, Permission.LOTS_JUDGE, Permission.RECONCILIATION_MANAGE}
)


@dataclass(frozen=True, slots=True)
class RoleSeed:
    """A role as it is when the system is new; afterwards it is data that people change.

    One that is bound to departments can only be granted for a department.
    """

    code: str
    name: str
    is_department_bound: bool
    permissions: frozenset[Permission]


ROLE_SEEDS = (
    RoleSeed("factory_admin", "Factory admin", False, frozenset(Permission)),
    RoleSeed("plant_manager", "Plant manager", True, _KEEP | _MASTER_DATA | _MANAGE),
    RoleSeed(
        "stock_keeper", "Stock keeper", True, _KEEP | _MASTER_DATA | {Permission.LEDGER_ADJUST}
    ),
    RoleSeed(
        "operator",
        "Operator",
        True,
        _MOVE | {Permission.MOVEMENTS_VIEW, Permission.LEDGER_PRODUCE, Permission.LABELS_PRINT},
    ),
    RoleSeed("forklift_driver", "Forklift driver", True, _MOVE | {Permission.LEDGER_DISPATCH}),
    RoleSeed("dept_sk", "Department stock keeper", True, _KEEP),
    RoleSeed("view_only", "View only", True, _VIEW),
    RoleSeed("admin", "Administrator", False, frozenset(Permission)),
    RoleSeed("manager", "Manager", False, _KEEP | _MASTER_DATA | _MANAGE),
    RoleSeed(
        "staff",
        "Staff",
        False,
        _VIEW | _MOVE | {Permission.LEDGER_RECEIVE, Permission.LEDGER_DISPATCH},
    ),
)


def clean_username(text: str) -> str:
    """A user name as it is stored and compared: small letters. Raises Invalid."""
    username = text.strip().lower()
    if not _USERNAME.fullmatch(username):
        raise Invalid(
            "A user name has 2 to 80 of the characters a–z, 0–9 and . _ @ + -, "
            "and begins with a letter or a digit.",
            field="username",
        )
    return username


def clean_name(text: str) -> str:
    """A person's name in one line. Raises Invalid."""
    name = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    if not 1 <= len(name) <= 120:
        raise Invalid("A name has 1 to 120 characters.", field="name")
    return name


def clean_email(text: str | None) -> str | None:
    """An address as it is kept; None for none. Whether it exists is learned by writing to it."""
    email = (text or "").strip()
    if not email:
        return None
    if len(email) > 200 or not email.isprintable() or not _EMAIL.fullmatch(email):
        raise Invalid("An e-mail address looks like name@plant.example.", field="email")
    return email


def clean_note(text: str) -> str:
    """What somebody wrote beside a request; controls become spaces. Raises Invalid."""
    note = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    if len(note) > LONGEST_NOTE:
        raise Invalid(f"A note has at most {LONGEST_NOTE} characters.", field="note")
    return note


def clean_reason(text: str) -> str:
    """Why something was refused. Raises Invalid when nobody would learn anything from it."""
    reason = clean_note(text)
    if not reason:
        raise Invalid("Say why: the person reads it.", field="reason")
    return reason


def password_link(uid: uuid.UUID, *, secret: str) -> str:
    """The path that lets its holder set a password."""
    return f"/password/{sign(uid, secret=secret, purpose=PASSWORD_PURPOSE)}/"


def check_password(password: str, *, username: str) -> None:
    """Refuse passwords that are too short, endless, or the user's own name. Raises Invalid."""
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise Invalid(
            f"A password has {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters.",
            field="password",
        )
    if password.lower() == username:
        raise Invalid("The password must not be the user name.", field="password")


def is_in_force(
    at: datetime,
    *,
    valid_from: datetime,
    valid_until: datetime | None,
    revoked_at: datetime | None,
) -> bool:
    """Whether a grant holds at a moment: from is included, until and the revocation are not."""
    if at < valid_from or (revoked_at is not None and at >= revoked_at):
        return False
    return valid_until is None or at < valid_until
