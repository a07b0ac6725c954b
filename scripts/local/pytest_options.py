"""Options of pytest in a command line, looked at before services and other steps are started for nothing."""

import difflib
import os
import re
import subprocess
import sys
from collections.abc import Sequence

from scripts.local.environment import ROOT

# Those that people use: asking pytest for all of its own takes seconds.
COMMON = {
    *("--cov", "--cov-report", "--cov-fail-under", "--no-cov", "--durations", "--durations-min", "--junitxml"),
    *("--lf", "--last-failed", "--ff", "--failed-first", "--nf", "--sw", "--stepwise", "--maxfail", "--exitfirst"),
    *("--co", "--collect-only", "--pdb", "--trace", "--tb", "--quiet", "--verbose", "--capture", "--setup-show"),
    *(
        "--showlocals",
        "--deselect",
        "--ignore",
        "--create-db",
        "--reuse-db",
        "--basetemp",
        "--cache-clear",
        "--markers",
    ),
}


def unknown(arguments: Sequence[str]) -> str:
    """Return what to say about the first long option that pytest does not know, or an empty string."""
    words = arguments[: arguments.index("--")] if "--" in arguments else arguments
    asked = [word.partition("=")[0] for word in words if word.startswith("--")]
    if COMMON.issuperset(asked):
        return ""
    known = _known()
    for name in asked:
        if known and name not in known:
            alike = difflib.get_close_matches(name, [*known, "--all", "--quick"], n=1, cutoff=0.7)
            hint = f" Did you mean {alike[0]}?" if alike else ""
            return f"Neither we nor pytest have an option {name}.{hint} See --help, and .venv/bin/pytest --help."
    return ""


def _known() -> set[str]:
    """Return the long options of pytest and its plugins; nothing if it does not say."""
    command = [sys.executable, "-m", "pytest", "--help"]
    env = os.environ | {"ENVIRONMENT": "test"}
    said = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False).stdout
    return set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", said))
