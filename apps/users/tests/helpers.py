"""What tests of this app do again and again: log in, ask with a token, read the link in a mail."""

from __future__ import annotations

import re
from typing import Any

from rest_framework.test import APIClient

from apps.notifications.kinds import KINDS, Content
from apps.notifications.models import Notification
from apps.users.models import User
from apps.users.tests.factories import PASSWORD


def send(path: str, body: Any = None, *, method: str = "post", token: str | None = None, **headers: str) -> Any:
    """Ask `/api/auth/<path>` and return the response; with a token as its bearer."""
    client = APIClient(raise_request_exception=True)
    if token is not None:
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
    url = path if path.startswith("/") else f"/api/auth/{path}"
    return getattr(client, method)(url, body, **headers)


def log_in(user: User, password: str = PASSWORD) -> dict[str, Any]:
    """Return the body of a good login."""
    response = send("login/", {"username": user.username, "password": password})
    assert response.status_code == 200, response.content
    body: dict[str, Any] = response.json()
    return body


def refresh(token: str) -> Any:
    """Return the response to a refresh."""
    return send("refresh/", {"refresh": token})


def is_in(token: str) -> bool:
    """Return whether an access token lets its bearer in."""
    status = send("profile/", method="get", token=token).status_code
    assert status in {200, 401}
    return status == 200


def newest_mail(user: User, kind: str) -> tuple[Content, str, str]:
    """Return (words, address, reason not to send) of the newest mail of a kind, as they stand now."""
    row = Notification.objects.select_related("recipient").filter(recipient=user, kind=kind).latest("id")
    known = KINDS[kind]
    subject = known.load([row])[row.pk]
    return known.content(row, subject), known.address(row), known.reason_to_withhold(row, subject)


def token_in_mail(user: User, kind: str) -> str:
    """Return the token in the newest mail of a kind."""
    content, _, reason_to_withhold = newest_mail(user, kind)
    assert reason_to_withhold == ""
    found = re.fullmatch(r"/[a-z-]+/([^/]+)/", content.path)
    assert found, content.path
    return found.group(1)


def codes(response: Any) -> dict[str, str]:
    """Return {pointer: code} of a rejected body."""
    return {error["pointer"]: error["code"] for error in response.json().get("errors", [])}
