"""The pictures in the documentation are those that the script takes."""

from pathlib import Path

from scripts.local.environment import ROOT
from scripts.pictures.__main__ import FOLDER, PICTURES, SIGNED_OUT

PAGES = (ROOT / "README.md", ROOT / "docs" / "pages.md")


def test_each_picture_is_taken_kept_and_shown():
    taken = {f"{each.name}.webp" for each in (*SIGNED_OUT, *PICTURES)}
    shown = "".join(Path(page).read_text() for page in PAGES)

    assert {each.name for each in FOLDER.iterdir()} == taken
    assert [name for name in taken if f"pictures/{name}" not in shown] == []
