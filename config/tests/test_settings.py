"""Where settings come from."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
READS = "from config import env_file; env_file.load = lambda: print('read'); import {module}"


@pytest.mark.parametrize(("module", "said"), [("config.settings_test", ""), ("config.settings", "read\n")])
def test_the_suite_leaves_the_env_file_alone(module, said):
    env = {"PATH": os.environ["PATH"], "SECRET_KEY": "s" * 50, "JWT_SIGNING_KEY": "j" * 50}
    local = {} if module.endswith("_test") else {"ENVIRONMENT": "local"}

    done = subprocess.run(
        [sys.executable, "-c", READS.format(module=module)], cwd=ROOT, env=env | local, capture_output=True, text=True
    )

    assert (done.returncode, done.stdout) == (0, said), done.stderr
