"""A browser for the admin's forms: reads a page's form and sends it as browsers do."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

from django.test import Client


class Form(HTMLParser):
    """The fields of the form with the id that the page of one object has, as a browser would send them."""

    def __init__(self, name: str) -> None:
        super().__init__(convert_charrefs=True)
        self.name, self.inside = f"{name}_form", False
        self.sent: dict[str, list[str]] = {}
        self._area = self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = dict(attrs)
        name, kind = has.get("name") or "", has.get("type") or "text"
        if tag == "form":
            self.inside = has.get("id") == self.name
        elif not self.inside:
            return
        elif tag == "input" and name and kind not in {"submit", "button", "file"}:
            if kind not in {"checkbox", "radio"} or "checked" in has:
                ticked = "on" if kind in {"checkbox", "radio"} else ""
                # A browser drops line ends from an input of one line.
                self._send(name, (has.get("value") or ticked).replace("\r", "").replace("\n", ""))
        elif tag == "textarea":
            self._area = name
            self._send(name, "")
        elif tag == "select":
            self._select = name
        elif tag == "option" and "selected" in has:
            self._send(self._select, has.get("value") or "")

    def handle_data(self, data: str) -> None:
        if self._area:
            self.sent[self._area][-1] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self._area:
            text = self.sent[self._area][-1].removeprefix("\n")  # the first line end belongs to the tag
            self.sent[self._area][-1] = text.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\r\n")
            self._area = ""
        elif tag == "form":
            self.inside = False

    def _send(self, name: str, value: str) -> None:
        self.sent.setdefault(name, []).append(value)


def read_form(client: Client, path: str) -> dict[str, list[str]]:
    """Return what a browser would send for the page as it is."""
    page = client.get(path)
    assert page.status_code == 200, (path, page.status_code)
    form = Form(path.split("/")[3])
    form.feed(page.content.decode())
    assert form.sent, path
    return form.sent


def save_form(client: Client, path: str, **changes: Any) -> Any:
    """Send the page's form with some fields changed, and return the response."""
    return client.post(path, read_form(client, path) | changes)
