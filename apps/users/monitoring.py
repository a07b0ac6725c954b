"""What `doctor` asks about accounts."""

from __future__ import annotations

from collections.abc import Iterator

from apps.common.monitoring.doctor import Finding, Level, check
from apps.common.text.mail_addresses import comparable_address
from apps.users.models import User

NOT_NORMAL = r"[^ -~]|@.*[A-Z]"
LISTED = 10  # ids in a finding


@check("accounts")
def accounts() -> Iterator[Finding]:
    """Find accounts whose address is not in its normal form: another account has the same mailbox."""
    odd = User.objects.filter(deleted_at=None, email__regex=NOT_NORMAL).order_by("pk").values_list("pk", "email")
    ids = [str(pk) for pk, email in odd if comparable_address(email) != email]
    if not ids:
        yield Finding("accounts", Level.OK, "one account per address")
        return
    more = ", …" if len(ids) > LISTED else ""
    text = f"{len(ids)} have the mailbox of another account: {', '.join(ids[:LISTED])}{more}"
    fix = "Ask their owners for another address; until then they log in by username alone."
    yield Finding("accounts", Level.WARN, text, fix)
