"""`.env` is read by one literal rule, by the settings, the commands and the units alike."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config import env_file

ROOT = Path(__file__).resolve().parents[2]
NASTY = [
    "two words",
    "abcd efgh ijkl mnop",
    "pa$s",
    "${HOME}",
    "$(id)",
    "a&b=c;d|e",
    "Name <a@b.example>",
    "back\\slash\\",
    "`id`",
    "it's",
    'say "hi"',
    "'quoted'",
    '"quoted"',
    "a #b",
    "#hash",
    "=equals=",
    "%41%",
    "!bang*?[x]{a,b}~",
    "\\n",
    "naïve-ключ-鍵",
    "a\u2028b\x0cc\x85d",
]


@pytest.mark.parametrize("value", NASTY)
def test_a_value_is_taken_as_it_stands(value):
    assert env_file.parse(f"A={value}\nB=2\n")[0] == {"A": value, "B": "2"}


@given(st.text().filter(lambda text: "\n" not in text and "\0" not in text))
def test_any_value_of_one_line_is_taken_as_it_stands(value):
    found, _ = env_file.parse(f"A={value}\nB=2")

    assert found == {"A": value.rstrip("\r").strip(" \t"), "B": "2"}


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("A = value", {"A": "value"}),
        ("\tA\t=\tvalue \t", {"A": "value"}),
        ("export A=value", {"A": "value"}),
        ("A=", {"A": ""}),
        ("A=value\r", {"A": "value"}),
        ("A=1\nA=2", {"A": "2"}),
        ("# A=value", {}),
        ("   # A=value", {}),
        ("", {}),
        ("A=value # no comment", {"A": "value # no comment"}),
    ],
)
def test_what_stands_around_name_and_value(line, expected):
    assert env_file.parse(line)[0] == expected


# REAL-CASES: the warning showed the whole line, a secret too
@pytest.mark.parametrize(
    "line", ["s3cret-value", "MY KEY=s3cret-value", "1A=s3cret-value", "MY-KEY: s3cret-value", "A=s3cret-value\0"]
)
def test_a_line_that_is_no_setting_is_left_out_and_named_without_what_it_says(line):
    found, complaints = env_file.parse(f"A=1\n\n{line}\nB=2\n")

    assert found == {"A": "1", "B": "2"}
    assert complaints == ["line 3 is not NAME=value and was left out"]


@pytest.mark.parametrize("value", ["'s3cret'", '"s3cret"', "s3cret # of the staging server"])
def test_a_value_that_may_be_meant_otherwise_is_named_without_what_it_says(value):
    found, complaints = env_file.parse(f"KEY={value}")

    assert found == {"KEY": value}
    assert len(complaints) == 1
    assert complaints[0].startswith("line 1: KEY ")
    assert "s3cret" not in complaints[0]


def test_what_the_environment_says_wins_even_where_it_is_empty(tmp_path, monkeypatch):
    path = tmp_path / ".env"
    path.write_text("A_SET=file\nAN_EMPTY=file\nA_NEW=file\n")
    monkeypatch.setenv("A_SET", "environment")
    monkeypatch.setenv("AN_EMPTY", "")
    monkeypatch.delenv("A_NEW", raising=False)

    env_file.load(path)

    assert [os.environ[name] for name in ("A_SET", "AN_EMPTY", "A_NEW")] == ["environment", "", "file"]
    monkeypatch.delenv("A_NEW")


def test_no_file_is_no_trouble_and_one_that_cannot_be_read_is_named(tmp_path, caplog):
    env_file.load(tmp_path / ".env")
    assert caplog.text == ""

    (tmp_path / ".env").mkdir()
    env_file.load(tmp_path / ".env")
    assert "cannot be read: Is a directory" in caplog.text


def test_bytes_that_are_no_utf8_stay_what_they_are_and_a_byte_order_mark_goes(tmp_path):
    path = tmp_path / ".env"
    path.write_bytes(b"\xef\xbb\xbfA=caf\xe9\r\n")

    found, complaints = env_file.read(path)

    assert (os.fsencode(found["A"]), complaints) == (b"caf\xe9", [])


@pytest.fixture
def checkout(tmp_path):
    """A copy of the application with an .env of its own."""
    for name in ("config", "apps"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("tests", "__pycache__"))
    shutil.copy(ROOT / "manage.py", tmp_path)
    (tmp_path / "scripts").mkdir()
    shutil.copy(ROOT / "scripts" / "entrypoint", tmp_path / "scripts")
    return tmp_path


def run(checkout, *argv):
    env = {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run([*map(str, argv)], cwd=checkout, env=env, capture_output=True, text=True, check=False)


def test_the_settings_and_the_entrypoint_read_the_same(checkout):
    wanted = {
        "POSTGRES_PASSWORD": "pa s$s&;<\\`\"'#x",
        "EMAIL_HOST_PASSWORD": "abcd efgh ijkl mnop",
        "DEFAULT_FROM_EMAIL": "Name <a@b.example>",
    }
    lines = ["ENVIRONMENT=local", f"SECRET_KEY={'s' * 50}", "HTTPS = yes", "not a setting: s3cret"]
    (checkout / ".env").write_text("\n".join([*lines, *(f"{name}={value}" for name, value in wanted.items())]))
    code = (
        "import json; from django.conf import settings as s;"
        "print(json.dumps([s.DATABASES['default']['PASSWORD'], s.EMAIL_HOST_PASSWORD, s.DEFAULT_FROM_EMAIL, s.HTTPS]))"
    )

    plain = run(checkout, sys.executable, "manage.py", "shell", "--no-imports", "--command", code)
    entry = run(checkout, "scripts/entrypoint", "shell", "--no-imports", "--command", code)

    for done in (plain, entry):
        assert json.loads(done.stdout or "null") == [*wanted.values(), True], done.stderr
        assert "line 4 is not NAME=value" in done.stderr
        assert "s3cret" not in done.stderr
    assert entry.stderr.count("line 4") == 1


@pytest.mark.parametrize("value", ['"true"', "true # behind nginx", "ture"])
def test_what_is_neither_true_nor_false_is_rejected_by_name(checkout, value):
    (checkout / ".env").write_text(f"ENVIRONMENT=local\nSECRET_KEY={'s' * 50}\nHTTPS={value}\n")

    done = run(checkout, sys.executable, "manage.py", "check")

    assert "HTTPS is neither true nor false." in done.stderr


def test_every_file_of_the_repository_leaves_the_env_file_to_this_reader():
    """Neither a shell nor systemd takes a value as it stands."""
    files = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    pattern = re.compile(r"set -a|^\s*(?:\.|source) +\S*(?:\.env|/env)\b|^EnvironmentFile=", re.MULTILINE)
    own = Path(__file__).relative_to(ROOT)

    found = [
        name
        for name in files
        if Path(name) != own and (ROOT / name).is_file() and pattern.search((ROOT / name).read_text(errors="replace"))
    ]

    assert found == []
