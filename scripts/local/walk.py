"""A page of docs walked command by command: runs its `sh` blocks in one shell and compares what they print.

Only what is marked is run: the blocks between `<!-- runnable -->` and `<!-- not runnable -->`, or the page's end.

python -m scripts.local.walk docs/tutorial.md --url http://127.0.0.1:8001
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

DOCUMENTED = "http://127.0.0.1:8000"
RUNNABLE = re.compile(r"^<!-- runnable -->$(.*?)(?:^<!-- not runnable -->$|\Z)", re.MULTILINE | re.DOTALL)
BLOCK = re.compile(r"^```(sh|text)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
STEP_SECONDS = 120


@dataclass
class Step:
    """Commands, and what they are said to print: `…` stands for anything; None when nothing is said."""

    commands: str
    printed: str | None = None


def steps_of(page: str) -> list[Step]:
    """Return the runnable steps of a page in Markdown: a `text` block belongs to the `sh` block before it."""
    steps: list[Step] = []
    for kind, content in BLOCK.findall("".join(RUNNABLE.findall(page))):
        if kind == "sh":
            steps.append(Step(content))
        elif steps:
            steps[-1].printed = content
    return steps


def walk(page: str, *, folder: Path, url: str, env: Mapping[str, str] | None = None) -> Iterator[tuple[Step, str]]:
    """Run the steps in one shell in `folder`, against `url`; yield each with what is wrong, or an empty string.

    `env` is the shell's environment, our own by default; PORT in it is that of `url`.
    """
    env = {**(os.environ if env is None else env), "PORT": str(urlsplit(url).port or "")}
    pipe = subprocess.PIPE
    with subprocess.Popen(
        ["bash"], cwd=folder, env=env, text=True, stdin=pipe, stdout=pipe, stderr=subprocess.STDOUT
    ) as shell:
        assert shell.stdin is not None
        assert shell.stdout is not None
        for number, step in enumerate(steps_of(page.replace(DOCUMENTED, url))):
            end = f"--- end of step {number}"
            shell.stdin.write(f"{step.commands}\nprintf '\\n%s %s\\n' '{end}' $?\n")
            shell.stdin.flush()
            said, code = _until(shell.stdout, end)
            yield step, _wrong(step, said, code)


def _until(lines: Iterator[str], end: str) -> tuple[str, str]:
    said: list[str] = []
    for line in lines:
        if line.startswith(end):
            return "".join(said), line.removeprefix(end).strip()
        said.append(line)
    return "".join(said), "the shell ended"


def _wrong(step: Step, said: str, code: str) -> str:
    if code != "0":
        return f"ended with {code}:\n{said}"
    if step.printed is not None and not _fits(step.printed, said):
        return f"printed\n{said}instead of\n{step.printed}"
    return ""


def _fits(printed: str, said: str) -> bool:
    pattern = ".*?".join(re.escape(part) for part in printed.strip().split("…"))
    return re.fullmatch(pattern, said.strip(), flags=re.DOTALL) is not None


def main() -> int:
    """Walk; return 1 at the first step that does not do what the page says."""
    root = Path(__file__).resolve().parents[2]
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("page", type=Path)
    parser.add_argument("--url", default=DOCUMENTED, help="where the server is")
    parser.add_argument("--folder", type=Path, default=root, help="the project's folder, with .local/mail")
    options = parser.parse_args()
    for number, (step, wrong) in enumerate(walk(options.page.read_text(), folder=options.folder, url=options.url), 1):
        print(f"step {number}: {wrong or 'as written'}", flush=True)
        if wrong:
            print(step.commands, file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
