"""A headless Chromium, driven by Playwright, that remembers every complaint."""

from __future__ import annotations

import base64
import shutil
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Literal, TypeVar

import pytest
from playwright.sync_api import ConsoleMessage, Locator, Page, sync_playwright

Scheme = Literal["light", "dark"]
T = TypeVar("T")

BINARY = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
# What every test in a browser is marked by
IN_CHROMIUM = [
    pytest.mark.system,
    pytest.mark.skipif(BINARY is None, reason="needs Debian's chromium"),
    pytest.mark.django_db(transaction=True),
]
PATIENCE = 120  # seconds
VISIBILITY = """Object.defineProperty(document, 'hidden', {value: %s, configurable: true});
document.dispatchEvent(new Event('visibilitychange'))"""


class Chromium:
    """One browser process with a profile of its own.

    Playwright has a thread to itself: its event loop would keep Django's database from the thread it runs in.
    """

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="chromium")
        self._thread.submit(self._start).result()

    def _start(self) -> None:
        self._playwright = sync_playwright().start()
        self._browser = self._playwright.chromium.launch(
            executable_path=BINARY, chromium_sandbox=False, timeout=PATIENCE * 1000
        )
        self._context = self._browser.new_context(viewport={"width": 1280, "height": 800})
        self._context.set_default_timeout(PATIENCE * 1000)

    def tab(self) -> Tab:
        """Open a new tab; those of one browser share their cookies."""
        return Tab(self._thread, self._thread.submit(self._context.new_page).result())

    def close(self) -> None:
        """End the browser."""
        self._thread.submit(self._browser.close).result()
        self._thread.submit(self._playwright.stop).result()
        self._thread.shutdown()


def wait(condition: Callable[[], Any], *, seconds: float = PATIENCE) -> Any:
    """Return the first true value of `condition`; AssertionError when there is none in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if value := condition():
            return value
        time.sleep(0.1)
    raise AssertionError("the page did not get there in time")


class Tab:
    """A page: goes to addresses, acts as a person does, runs script, and lists complaints and foreign requests."""

    def __init__(self, thread: ThreadPoolExecutor, page: Page) -> None:
        self._thread, self._page = thread, page
        self.complaints: list[str] = []
        self.requests: list[str] = []
        self._do(self._listen)

    def _do(self, act: Callable[[], T]) -> T:
        return self._thread.submit(act).result()

    def _listen(self) -> None:
        self._page.on("request", lambda request: self.requests.append(request.url))
        self._page.on("console", self._note)
        self._page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self._session = self._page.context.new_cdp_session(self._page)
        self._session.on("Audits.issueAdded", self._note_issue)
        self._session.send("Audits.enable")

    def _note(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "assert", "warning"}:
            self.complaints.append(f"{message.type}: {message.text} {message.location.get('url')}")

    def _note_issue(self, event: dict[str, Any]) -> None:
        if "ContentSecurityPolicy" in event["issue"]["code"]:
            self.complaints.append(str(event["issue"]["details"])[:500])

    def open(self, url: str) -> None:
        """Go to an address and wait until it has loaded."""
        self._do(lambda: self._page.goto(url))

    def hide(self) -> None:
        """Tell the page that another tab hides it, which Playwright never lets happen."""
        self.run(VISIBILITY % "true")

    def show(self) -> None:
        """Tell the page that it is seen again."""
        self.run(VISIBILITY % "false")

    def prepare(self, script: str) -> None:
        """Run a script at the beginning of every page that is opened from now on."""
        self._do(lambda: self._page.add_init_script(script))

    def run(self, script: str) -> Any:
        """Return the value of an expression in the page; None where it fails, as while the next page comes."""
        return self._do(lambda: self._evaluate(script))

    def _evaluate(self, script: str) -> Any:
        # Not Page.evaluate: that one calls eval() in the page, which our content security policy forbids
        options = {"expression": script, "returnByValue": True, "awaitPromise": True}
        return self._session.send("Runtime.evaluate", options).get("result", {}).get("value")

    def wait_for(self, selector: str) -> None:
        """Wait until an element is there."""
        self._do(lambda: self._first(selector).wait_for(state="attached"))

    def click(self, selector: str) -> None:
        """Click an element with the mouse, once it can be seen and nothing covers it."""
        self._do(lambda: self._first(selector).click())

    def fill(self, selector: str, text: str) -> None:
        """Type into a field."""
        self._do(lambda: self._first(selector).fill(text))

    def key(self, name: str) -> None:
        """Press and release a key, also with others: `j`, `Enter`, `Alt+ArrowDown`."""
        self._do(lambda: self._page.keyboard.press(name))

    def drag(self, selector: str, target: str) -> None:
        """Take an element by the mouse and let it go over another."""
        self._do(lambda: self._drag(selector, target))

    def _drag(self, selector: str, target: str) -> None:
        mouse, start, end = self._page.mouse, self._middle(selector), self._middle(target)
        mouse.move(*start)
        mouse.down()
        for step in range(1, 9):
            mouse.move(start[0] + (end[0] - start[0]) * step / 8, start[1] + (end[1] - start[1]) * step / 8)
            self._page.wait_for_timeout(50)
        mouse.up()

    def _middle(self, selector: str) -> tuple[float, float]:
        box = self._first(selector).bounding_box()
        assert box, f"{selector} cannot be seen"
        return box["x"] + box["width"] / 2, box["y"] + min(box["height"] / 2, 60)

    def _first(self, selector: str) -> Locator:
        return self._page.locator(selector).first

    def resize(self, width: int, height: int) -> None:
        """Show the page in a window of this size, in pixels."""
        self._do(lambda: self._page.set_viewport_size({"width": width, "height": height}))

    def emulate(
        self,
        *,
        scheme: Scheme | None = None,
        forced_colors: bool = False,
        less_motion: bool = False,
    ) -> None:
        """Show the page to somebody who prefers these colours, forces their own, or wants less motion."""
        self._do(
            lambda: self._page.emulate_media(
                color_scheme=scheme,
                forced_colors="active" if forced_colors else "none",
                reduced_motion="reduce" if less_motion else "no-preference",
            )
        )

    def picture(self) -> bytes:
        """Return what the window shows, as a WebP file, which Playwright itself does not make."""
        taken = self._do(lambda: self._session.send("Page.captureScreenshot", {"format": "webp", "quality": 85}))
        return base64.b64decode(taken["data"])

    def foreign(self, origin: str) -> list[str]:
        """Return the requests that went elsewhere."""
        return [url for url in self.requests if not url.startswith((origin, "data:", "blob:", "about:", "chrome"))]

    def close(self) -> None:
        """Close the tab."""
        self._do(self._page.close)
