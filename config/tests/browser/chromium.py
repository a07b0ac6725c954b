"""A headless Chromium driven over the DevTools protocol, that remembers every complaint."""

from __future__ import annotations

import base64
import itertools
import json
import shutil
import subprocess
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import websocket

from scripts.local import direct

BINARY = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
PATIENCE = 120  # seconds


class Chromium:
    """One browser process with a profile of its own."""

    def __init__(self, folder: Path) -> None:
        flags = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"]
        more = ["--disable-background-networking", "--remote-debugging-port=0", f"--user-data-dir={folder}"]
        self.process = subprocess.Popen(
            [str(BINARY), *flags, *more, "about:blank"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        self.port = int(wait(lambda: _port(folder / "DevToolsActivePort")))

    def tab(self) -> Tab:
        """Open a new tab."""
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/json/new?about:blank", method="PUT")
        with direct.open_url(request, timeout=PATIENCE) as answer:
            return Tab(json.load(answer)["webSocketDebuggerUrl"])

    def close(self) -> None:
        """End the browser."""
        self.process.terminate()
        self.process.wait(timeout=PATIENCE)


def _port(path: Path) -> str | None:
    return path.read_text().splitlines()[0] if path.exists() and path.read_text() else None


def wait(condition: Callable[[], Any], *, seconds: float = PATIENCE) -> Any:
    """Return the first true value of `condition`; AssertionError when there is none in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if value := condition():
            return value
        time.sleep(0.1)
    raise AssertionError("the page did not get there in time")


class Tab:
    """A page: goes to addresses, runs script, and lists complaints and foreign requests."""

    def __init__(self, url: str) -> None:
        self._socket = websocket.create_connection(url, timeout=PATIENCE, suppress_origin=True)
        self._numbers = itertools.count(1)
        self.complaints: list[str] = []
        self.requests: list[str] = []
        for domain in ("Page", "Runtime", "Log", "Network", "Audits"):
            self._call(f"{domain}.enable")

    def open(self, url: str) -> None:
        """Go to an address and wait until it has loaded."""
        self._call("Page.navigate", url=url)
        wait(lambda: self.run("document.readyState") == "complete" and self.run("location.href") != "about:blank")

    def show(self) -> None:
        """Bring the tab to the front: the others are hidden then."""
        self._call("Page.bringToFront")
        wait(lambda: not self.run("document.hidden"))

    def prepare(self, script: str) -> None:
        """Run a script at the beginning of every page that is opened from now on."""
        self._call("Page.addScriptToEvaluateOnNewDocument", source=script)

    def run(self, script: str) -> Any:
        """Return the value of an expression in the page."""
        result = self._call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        return result.get("result", {}).get("value")

    def wait_for(self, selector: str) -> None:
        """Wait until an element is there."""
        wait(lambda: self.run(f"!!document.querySelector({json.dumps(selector)})"))

    def click(self, selector: str) -> None:
        """Click an element once it is there."""
        self.wait_for(selector)
        self.run(f"document.querySelector({json.dumps(selector)}).click()")

    def fill(self, selector: str, text: str) -> None:
        """Type into a field, also one that React watches."""
        self.wait_for(selector)
        self.run(
            f"""(() => {{
                const field = document.querySelector({json.dumps(selector)});
                const set = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set;
                set.call(field, {json.dumps(text)});
                field.dispatchEvent(new Event('input', {{bubbles: true}}));
            }})()"""
        )

    def key(self, name: str, *, modifiers: int = 0) -> None:
        """Press and release a key; `modifiers` is the protocol's: 1 Alt, 2 Control, 4 Meta, 8 Shift."""
        text: dict[str, Any] = {"text": name} if len(name) == 1 and modifiers in (0, 8) else {}
        text |= {"text": "\r", "windowsVirtualKeyCode": 13} if name == "Enter" else {}
        text |= {"windowsVirtualKeyCode": 9} if name == "Tab" else {}
        self._call("Input.dispatchKeyEvent", type="keyDown", key=name, modifiers=modifiers, **text)
        self._call("Input.dispatchKeyEvent", type="keyUp", key=name, modifiers=modifiers)

    def drag(self, selector: str, target: str) -> None:
        """Take an element by the mouse and let it go over another."""
        start, end = self._middle(selector), self._middle(target)
        self._mouse("mousePressed", start, buttons=1)
        for step in range(1, 9):
            place = [a + (b - a) * step / 8 for a, b in zip(start, end, strict=True)]
            self._mouse("mouseMoved", place, buttons=1)
            time.sleep(0.05)
        self._mouse("mouseReleased", end, buttons=0)

    def _middle(self, selector: str) -> list[float]:
        script = "(b => [b.x + b.width / 2, b.y + Math.min(b.height / 2, 60)])"
        found: list[float] = self.run(
            f"{script}(document.querySelector({json.dumps(selector)}).getBoundingClientRect())"
        )
        return found

    def _mouse(self, kind: str, place: list[float], *, buttons: int) -> None:
        x, y = place
        more = {"button": "left", "buttons": buttons, "clickCount": 1}
        self._call("Input.dispatchMouseEvent", type=kind, x=x, y=y, **more)

    def resize(self, width: int, height: int) -> None:
        """Show the page in a window of this size, in pixels."""
        self._call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)

    def prefer(self, scheme: str) -> None:
        """Show the page to somebody who prefers `light` or `dark` colours."""
        self.emulate(prefers_color_scheme=scheme)

    def emulate(self, **features: str) -> None:
        """Show the page under media features, underscores for hyphens: `forced_colors="active"`."""
        named = [{"name": name.replace("_", "-"), "value": value} for name, value in features.items()]
        self._call("Emulation.setEmulatedMedia", features=named)

    def picture(self) -> bytes:
        """Return what the window shows, as a WebP file."""
        self._call("Emulation.setScrollbarsHidden", hidden=True)
        data: str = self._call("Page.captureScreenshot", format="webp", quality=85)["data"]
        return base64.b64decode(data)

    def foreign(self, origin: str) -> list[str]:
        """Return the requests that went elsewhere."""
        return [url for url in self.requests if not url.startswith((origin, "data:", "blob:", "about:", "chrome"))]

    def close(self) -> None:
        """Close the connection."""
        self._socket.close()

    def _call(self, method: str, **params: Any) -> Any:
        number = next(self._numbers)
        self._socket.send(json.dumps({"id": number, "method": method, "params": params}))
        while True:
            message = json.loads(self._socket.recv())
            if message.get("id") == number:
                return message.get("result", {})
            self._note(message)

    def _note(self, message: dict[str, Any]) -> None:
        kind, params = message.get("method"), message.get("params", {})
        if kind == "Network.requestWillBeSent":
            self.requests.append(params["request"]["url"])
        elif kind == "Log.entryAdded" and params["entry"]["level"] in {"error", "warning"}:
            self.complaints.append(
                f"{params['entry']['level']}: {params['entry']['text']} {params['entry'].get('url')}"
            )
        elif kind == "Runtime.exceptionThrown":
            self.complaints.append(str(params["exceptionDetails"])[:500])
        elif kind == "Runtime.consoleAPICalled" and params["type"] in {"error", "assert"}:
            self.complaints.append(f"console: {str(params['args'])[:500]}")
        elif kind == "Audits.issueAdded" and "ContentSecurityPolicy" in params["issue"]["code"]:
            self.complaints.append(str(params["issue"]["details"])[:500])
