"""The pictures of README.md and docs/pages.md: Chromium looks at the backend of ./scripts/run, signed in as alice.

    .venv/bin/python -m scripts.pictures [--url URL]

They show the demo as it is when it has just been made, so start with an empty LOCAL_DIR.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass

from config.tests.browser.chromium import BINARY, Chromium, Scheme, Tab, wait
from scripts.local import environment, finding
from scripts.local.environment import ROOT

PASSWORD = "demo-password-1"  # of the demo, public on purpose
FOLDER = ROOT / "docs" / "pictures"
WIDE, PHONE = (1280, 800), (390, 800)
FIRST_PROJECT = "#side a[href^='/projects/'][href$='/']:has(.house)"
RICH = ".row:has([title='sub-tasks done']):has([title=comments])"  # a task with something to see
IS_STILL = "document.readyState === 'complete' && !document.querySelector('.htmx-request')"


@dataclass(frozen=True)
class Picture:
    """What is looked at: a path (`{project}` and `{task}` are the demo's), the window, the colours, a click before.

    After the click there has to be what `awaits` selects.
    """

    name: str
    path: str
    window: tuple[int, int] = WIDE
    scheme: Scheme = "light"
    click: str = ""
    awaits: str = ".panel h1"


SIGNED_OUT = (Picture("login", "/login/"),)
PICTURES = (
    Picture("my-day", "/"),
    Picture("board", "/projects/{project}/board/", scheme="dark"),
    Picture("list", "/projects/{project}/", click=".row .t a"),
    Picture("task", "/tasks/{task}/"),
    Picture("phone", "/projects/{project}/", window=PHONE, scheme="dark"),
    Picture("palette", "/", scheme="dark", click="[data-palette]", awaits="#palette .opt"),
    Picture("search", "/search/?filter=label+in+(bug,+design)+and+priority+%3E%3D+high"),
    Picture("project-settings", "/projects/{project}/settings/members/", scheme="dark"),
    Picture("trash", "/trash/"),
    Picture("calendar", "/projects/{project}/calendar/"),
)


def sign_in(tab: Tab, url: str) -> dict[str, int]:
    """Sign in as alice; return the ids of a project and a task of the demo."""
    tab.open(f"{url}/login/")
    tab.fill("#id_username", "alice")
    tab.fill("#id_password", PASSWORD)
    tab.click("button.primary")
    tab.wait_for("#side")
    project = tab.run(f"[...document.querySelectorAll({FIRST_PROJECT!r})].pop().pathname.split('/')[2]")
    tab.open(f"{url}/projects/{project}/?ordering=-created_at")
    task = tab.run(f"[...document.querySelectorAll({RICH!r})].pop().dataset.task")
    return {"project": int(project), "task": int(task)}


def take(tab: Tab, url: str, picture: Picture, ids: dict[str, int]) -> None:
    """Take one picture into its file."""
    tab.resize(*picture.window)
    tab.emulate(scheme=picture.scheme)
    tab.open(url + picture.path.format(**ids))
    if picture.click:
        tab.click(picture.click)
        tab.wait_for(picture.awaits)
    wait(lambda: tab.run(IS_STILL))
    target = FOLDER / f"{picture.name}.webp"
    target.write_bytes(tab.picture())
    print(f"{target.relative_to(ROOT)}: {target.stat().st_size:,} bytes")


def main(arguments: list[str]) -> int:
    """Take all pictures; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m scripts.pictures", allow_abbrev=False)
    parser.add_argument("--url", help="where the server is; without it the one that ./scripts/run runs in this folder")
    chosen = parser.parse_args(arguments)
    if BINARY is None:
        print("There is no Chromium on the PATH.", file=sys.stderr)
        return 2
    url = chosen.url or finding.backend(environment.home(), say=print).url
    FOLDER.mkdir(exist_ok=True)
    browser = Chromium()
    tab = browser.tab()
    tab.resize(*WIDE)
    for picture in SIGNED_OUT:
        take(tab, url.rstrip("/"), picture, {})
    ids = sign_in(tab, url.rstrip("/"))
    for picture in PICTURES:
        take(tab, url.rstrip("/"), picture, ids)
    tab.close()
    browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
