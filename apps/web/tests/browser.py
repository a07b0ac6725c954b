"""A browser without JavaScript: keeps cookies, sends the forms of the pages it was shown, follows where they lead."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import lxml.html
from django.test import Client

from apps.users.models import User
from apps.users.tests.factories import PASSWORD


class Browser:
    """A person in front of the pages. `response` is the last answer, `page` its parsed HTML."""

    def __init__(self, user: User | None = None) -> None:
        self.client = Client(enforce_csrf_checks=True)
        self.response: Any = None
        if user is not None:
            self.log_in(user)

    def log_in(self, user: User, password: str = PASSWORD, **more: str) -> Any:
        """Sign in by the form."""
        self.open("/login/")
        return self.send("/login/", username=user.username, password=password, **more)

    def open(self, path: str, **headers: str) -> Any:
        """Go to an address."""
        self.response = self.client.get(path, headers=headers)
        return self.response

    @property
    def page(self) -> Any:
        """Return the parsed page."""
        root = lxml.html.fromstring(self.response.content.decode())
        root.make_links_absolute(self.response.wsgi_request.build_absolute_uri(), resolve_base_href=False)
        return root

    @property
    def text(self) -> str:
        """Return what the page says, blanks collapsed."""
        return " ".join(self.page.text_content().split())

    def links(self) -> set[str]:
        """Return the paths that the page leads to."""
        return {_path(link.get("href")) for link in self.page.iter("a")}

    def form(self, action: str, *, name: str | None = None) -> tuple[Any, Any]:
        """Return the form that posts to a path, by its own address or by that of a button, and the button if any."""
        for form in self.page.forms:
            for button in form.xpath(".//button[@formaction]"):
                if _path(button.get("formaction")) == action and name in (None, button.get("name")):
                    return form, button
            is_post = (form.method or "").upper() == "POST" and self._action(form) == action
            if is_post and (name is None or form.xpath(".//*[@name=$name]", name=name)):
                return form, None
        raise AssertionError(f"no form posts to {action}: {[self._action(each) for each in self.page.forms]}")

    def send(self, action: str, *, button: bool = False, **fields: Any) -> Any:
        """Fill a form of the page in and send it; `fields` overwrite what it holds."""
        form, pressed = self.form(action, name=None)
        values: dict[str, Any] = values_of(form)
        if pressed is not None and pressed.get("name"):
            values[pressed.get("name")] = pressed.get("value")
        values |= fields
        self.response = self.client.post(action, {k: v for k, v in values.items() if v is not None})
        return self.response

    def post(self, path: str, **fields: Any) -> Any:
        """Send fields with the right token and without a form."""
        token = self.client.cookies["csrftoken"].value if "csrftoken" in self.client.cookies else ""
        self.response = self.client.post(path, {"csrfmiddlewaretoken": token, **fields})
        return self.response

    def follow(self) -> Any:
        """Go where the last act leads."""
        assert self.response.status_code == 303, (self.response.status_code, self.response.content[:2000])
        return self.open(self.response["Location"])

    def _action(self, form: Any) -> str:
        return _path(form.get("action") or self.response.wsgi_request.get_full_path()).partition("?")[0]


def values_of(form: Any) -> dict[str, str]:
    """Return what a browser would send; the line break that begins a text field is none of its text (HTML)."""
    texts = {field.get("name") for field in form.iter("textarea")}
    return {name: value.removeprefix("\n") if name in texts else value for name, value in form.form_values()}


def _path(url: str | None) -> str:
    parts = urlsplit(url or "")
    return parts.path + (f"?{parts.query}" if parts.query else "")
