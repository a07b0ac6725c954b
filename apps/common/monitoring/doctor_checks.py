"""The checks of what belongs to no domain: database, Redis, worker, Beat, disk, settings."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import redis
from celery import current_app
from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from apps.common.dates.clock import database_now
from apps.common.models import Heartbeat
from apps.common.monitoring.doctor import Finding, Level, check, management_command, process
from apps.common.redis_client import redis_client

WORKER_SECONDS = 2  # how long a worker may take to say that it lives
BEAT_LATE = timedelta(minutes=2)
SKEW = timedelta(seconds=5)
LOWEST_POSTGRES = 150_000


@check("database")
def database() -> Iterator[Finding]:
    """Find out whether PostgreSQL answers, its version, encoding, clock and the migrations."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version_num')::int, current_setting('server_encoding')")
        version, encoding = cursor.fetchone() or (0, "")
    level = Level.OK if version >= LOWEST_POSTGRES else Level.FAIL
    yield Finding("database", level, f"PostgreSQL {version // 10_000} answers", "" if level is Level.OK else "Upgrade.")
    if encoding != "UTF8":
        yield Finding("database", Level.FAIL, f"its encoding is {encoding}", "Create the database with UTF8.")
    skew = abs(database_now() - datetime.now(UTC))
    if skew > SKEW:
        yield Finding("clock", Level.WARN, f"database and this machine differ by {skew}", "Run NTP on both machines.")
    executor = MigrationExecutor(connection)
    if missing := executor.migration_plan(executor.loader.graph.leaf_nodes()):
        yield Finding("migrations", Level.FAIL, f"{len(missing)} not applied", f"Run {management_command('migrate')}.")
    else:
        yield Finding("migrations", Level.OK, "all applied")


@check("redis")
def redis_server() -> Iterator[Finding]:
    """Find out whether Redis or Valkey answers and keeps what it is given."""
    try:
        client = redis_client()
        client.ping()
    except (redis.RedisError, OSError) as error:
        sweep = management_command("sweep --loop")
        text = f"does not answer ({error}); mail flows by {sweep} alone, rate limits are off"
        yield Finding("redis", Level.FAIL, text, "Start it, or correct REDIS_URL.")
        return
    yield Finding("redis", Level.OK, "answers")
    for name, wanted, why in (
        ("maxmemory-policy", "noeviction", "it may throw away wake-ups and rate limits"),
        ("appendonly", "yes", "a restart forgets rate limits"),
    ):
        try:
            value = client.config_get(name).get(name)
        except redis.ResponseError:
            yield Finding("redis", Level.WARN, f"{name} cannot be read here", f"See to it that it is `{wanted}`.")
            continue
        if value is not None and value not in (wanted, wanted.encode()):
            yield Finding("redis", Level.WARN, f"{name} is `{value}`: {why}", f"Set {name} to `{wanted}`.")


@check("worker")
def worker() -> Iterator[Finding]:
    """Find out whether a Celery worker answers a ping."""
    answers = current_app.control.ping(timeout=WORKER_SECONDS)
    if answers:
        yield Finding("worker", Level.OK, f"{len(answers)} answered")
    else:
        yield Finding("worker", Level.FAIL, "none answered", f"Start {process('worker')}.")


@check("beat")
def beat() -> Iterator[Finding]:
    """Find out when the last periodic job ran."""
    latest = Heartbeat.objects.order_by("-beat_at").values_list("beat_at", flat=True).first()
    fix = f"Start {process('beat')}, or {management_command('sweep --loop')} without Redis."
    if latest is None:
        yield Finding("beat", Level.FAIL, "no periodic job has ever run", fix)
        return
    age = database_now() - latest
    level = Level.OK if age < BEAT_LATE else Level.FAIL
    yield Finding("beat", level, f"last beat {age.total_seconds():.0f} s ago", "" if level is Level.OK else fix)


@check("files")
def files() -> Iterator[Finding]:
    """Find out whether uploads can be written and how much room is left."""
    if settings.STORAGES["default"]["BACKEND"] != "django.core.files.storage.FileSystemStorage":
        yield Finding("files", Level.OK, "kept in an object store")
        return
    root = Path(settings.MEDIA_ROOT)
    if not root.is_dir():
        yield Finding("files", Level.WARN, f"{root} does not exist yet", "The first upload makes it.")
        return
    probe = root / ".doctor"
    try:
        probe.touch()
        probe.unlink()
    except OSError as error:
        yield Finding(
            "files", Level.FAIL, f"{root} is not writable ({error.strerror})", "Give it to the server's user."
        )
        return
    free = shutil.disk_usage(root).free
    enough = free > settings.DISK_RESERVE_BYTES
    text = f"{free / 1024**3:.1f} GiB free under {root}"
    fix = "" if enough else "Make room: uploads are rejected with 507 now."
    yield Finding("files", Level.OK if enough else Level.FAIL, text, fix)


@check("settings")
def environment() -> Iterator[Finding]:
    """Find out what this process was notified to be."""
    if settings.ENVIRONMENT == "production":
        yield Finding("settings", Level.OK, "production")
    else:
        text = f"ENVIRONMENT is `{settings.ENVIRONMENT}`: the checks for production are off"
        yield Finding("settings", Level.WARN, text, "Fine on your own machine; unset it on a server.")
