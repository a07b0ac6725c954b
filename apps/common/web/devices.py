"""What a session's device is called: the few words of a User-Agent that a person knows."""

from __future__ import annotations

import re

from django.utils.translation import gettext

# The first that stands in the text; most browsers name others beside themselves.
BROWSERS = (
    (("Edg/", "EdgA/", "EdgiOS/"), "Edge"),
    (("OPR/", "OPiOS/"), "Opera"),
    (("SamsungBrowser/",), "Samsung Internet"),
    (("Vivaldi/",), "Vivaldi"),
    (("Firefox/", "FxiOS/"), "Firefox"),
    (("Chromium/",), "Chromium"),
    (("Chrome/", "CriOS/"), "Chrome"),
    (("Safari/",), "Safari"),
)
SYSTEMS = (
    (("iPhone",), "iPhone"),
    (("iPad",), "iPad"),
    (("Android",), "Android"),
    (("Windows",), "Windows"),
    (("CrOS",), "ChromeOS"),
    (("Macintosh", "Mac OS X"), "Mac"),
    (("Linux", "X11"), "Linux"),
)
LOOKED_AT = 1_000  # characters; people can send any
SHOWN = 60
PROGRAM = re.compile(r"([A-Za-z][\w.+-]{0,39})/v?(\d{1,5}(?:\.\d{1,5})?)")  # name/version at the beginning


def device_name(text: str) -> str:
    """Return "Firefox on Linux", "curl 7.88", or the beginning of what no rule knows; never an empty text."""
    said = "".join(each if each.isprintable() else " " for each in text[:LOOKED_AT]).strip()
    if not said:
        return gettext("An unnamed program")
    browser, system = _first(BROWSERS, said), _first(SYSTEMS, said)
    if said.startswith("Mozilla/") and (browser or system):
        if browser and system:
            return gettext("{browser} on {system}").format(browser=browser, system=system)
        return browser or system
    if program := PROGRAM.match(said):
        return f"{program[1]} {program[2]}"
    return said if len(said) <= SHOWN else f"{said[: SHOWN - 1]}…"


def _first(names: tuple[tuple[tuple[str, ...], str], ...], text: str) -> str:
    return next((name for signs, name in names if any(sign in text for sign in signs)), "")
