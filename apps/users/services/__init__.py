"""The only door through which people, sessions and credentials are written."""

from apps.users.services.accounts import (
    PLAIN_FIELDS,
    anonymise,
    close_account,
    close_for,
    end_all_sessions,
    register,
    set_active,
    update_profile,
)
from apps.users.services.addresses import send_verification, verify_address, verify_by_other_means
from apps.users.services.administration import ensure_administrator, set_privileges
from apps.users.services.admission import is_registration_open, require_registration
from apps.users.services.attempts import account_of, clear_attempts, count_attempt
from apps.users.services.credentials import (
    change_password,
    check_credentials,
    request_password_reset,
    require_password,
    reset_password,
    set_password,
)
from apps.users.services.page_sessions import find_page_session, open_page_session
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
    "PLAIN_FIELDS",
    "account_of",
    "anonymise",
    "change_password",
    "check_credentials",
    "clear_attempts",
    "close_account",
    "close_for",
    "count_attempt",
    "end_all_sessions",
    "end_sessions",
    "ensure_administrator",
    "find_page_session",
    "find_session",
    "is_registration_open",
    "log_out",
    "open_page_session",
    "open_session",
    "purge",
    "refresh_session",
    "register",
    "request_password_reset",
    "require_password",
    "require_registration",
    "reset_password",
    "revoke_other_sessions",
    "revoke_session",
    "send_verification",
    "set_active",
    "set_password",
    "set_privileges",
    "update_profile",
    "verify_address",
    "verify_by_other_means",
]
