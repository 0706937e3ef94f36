"""What can be done with accounts. Every change is in the audit log; passwords never are."""

from app.domain.accounts.commands.passwords import (
    LinkGone,
    change_password,
    gone,
    issue_password_reset,
    set_password,
    use_password_reset,
)
from app.domain.accounts.commands.requests import (
    AccountClosed,
    AlreadyDecided,
    AlreadyHeld,
    TooManyRequests,
    Wish,
    approve_request,
    ask_for_role,
    decline_request,
    register_user,
)
from app.domain.accounts.commands.roles import grant_role, revoke_role, seed_roles
from app.domain.accounts.commands.submit_grants import issue_submit_grant
from app.domain.accounts.commands.users import (
    OwnAccount,
    UsernameTaken,
    close_user,
    create_admin,
    create_user,
    reopen_user,
)

__all__ = [
    "AccountClosed",
    "AlreadyDecided",
    "AlreadyHeld",
    "LinkGone",
    "OwnAccount",
    "TooManyRequests",
    "UsernameTaken",
    "Wish",
    "approve_request",
    "ask_for_role",
    "change_password",
    "close_user",
    "create_admin",
    "create_user",
    "decline_request",
    "gone",
    "grant_role",
    "issue_password_reset",
    "issue_submit_grant",
    "register_user",
    "reopen_user",
    "revoke_role",
    "seed_roles",
    "set_password",
    "use_password_reset",
]
