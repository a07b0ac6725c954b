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


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("ATTACHMENT_MAX_BYTES", "10MB", "ATTACHMENT_MAX_BYTES is not a whole number."),
        # Each would be found out by the first request that counts, as a 500
        ("THROTTLE_LOGIN", "60/min", "THROTTLE_LOGIN is not count/seconds, such as 60/3600."),
        ("THROTTLE_WRITE", "1200", "THROTTLE_WRITE is not count/seconds, such as 60/3600."),
        ("THROTTLE_REGISTER", "0/999", "THROTTLE_REGISTER is not count/seconds, such as 60/3600."),
        ("STORAGE", "minio", "STORAGE is none of filesystem, s3."),
        ("EMAIL_PORT", "smtp", "EMAIL_PORT is not a whole number."),
        ("DATABASE_URL", "secret nonsense", "DATABASE_URL is not postgresql://user:password@host:port/name."),
        (
            "REDIS_URL",
            "secret.example:6379",
            "REDIS_URL is not redis://:password@host:port, rediss:// or unix:///path.",
        ),
    ],
)
def test_a_value_that_cannot_be_read_is_named_without_repeating_it(name, value, says):
    env = {"PATH": os.environ["PATH"], "SECRET_KEY": "s" * 50, "JWT_SIGNING_KEY": "j" * 50, "ENVIRONMENT": "local"}

    done = subprocess.run(
        [sys.executable, "-c", "import config.settings"],
        cwd=ROOT,
        env=env | {name: value},
        capture_output=True,
        text=True,
    )

    assert done.stderr.splitlines()[-1] == f"django.core.exceptions.ImproperlyConfigured: {says}"
    assert value not in done.stderr


def test_web_processes_pool_connections_that_keep_prepared_statements():
    env = {"PATH": os.environ["PATH"], "SECRET_KEY": "s" * 50, "JWT_SIGNING_KEY": "j" * 50, "ENVIRONMENT": "local"}
    asks = "from config.settings import DATABASES; print(DATABASES['default']['OPTIONS']['pool']['connection_class'])"

    done = subprocess.run(
        [sys.executable, "-c", asks], cwd=ROOT, env=env | {"PROCESS": "web"}, capture_output=True, text=True
    )

    assert done.stdout == "<class 'apps.common.sql.connections.KeepingConnection'>\n", done.stderr
