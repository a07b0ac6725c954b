"""The only door through which people, sessions and credentials are written."""

from apps.users.services.accounts import anonymise, close_account, register, set_active, update_profile
from apps.users.services.addresses import send_verification, verify_address
from apps.users.services.attempts import account_of, clear_attempts, count_attempt
from apps.users.services.credentials import (
    change_password,
    check_credentials,
    request_password_reset,
    reset_password,
    set_password,
)
from apps.users.services.purging import purge
from apps.users.services.sessions import (
    end_sessions,
    find_session,
    log_out,
    open_session,
    refresh_session,
    revoke_other_sessions,
    revoke_session,
)

__all__ = [
    "account_of",
    "anonymise",
    "change_password",
    "check_credentials",
    "clear_attempts",
    "close_account",
    "count_attempt",
    "end_sessions",
    "find_session",
    "log_out",
    "open_session",
    "purge",
    "refresh_session",
    "register",
    "request_password_reset",
    "reset_password",
    "revoke_other_sessions",
    "revoke_session",
    "send_verification",
    "set_active",
    "set_password",
    "update_profile",
    "verify_address",
]
