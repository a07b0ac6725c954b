"""Typed readers of environment variables that django-environ cannot take safely."""

from __future__ import annotations

import ipaddress
import os
import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured
from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict

SCHEMES = ("redis", "rediss", "unix")
RATE = re.compile(r"[1-9]\d{0,8}/[1-9]\d{0,8}", re.ASCII)


class _Env(environ.Env):
    """Readers of numbers and lists whose errors name the variable."""

    def get_value(
        self, var: str, cast: Any = None, default: Any = environ.Env.NOTSET, parse_default: bool = False
    ) -> Any:
        """Return the value. ImproperlyConfigured for one that cannot be read; it is not shown, it may be secret."""
        try:
            return super().get_value(var, cast, default, parse_default)
        except ValueError:
            kind = "a whole number" if cast is int else "a number" if cast is float else "what it should be"
            raise ImproperlyConfigured(f"{var} is not {kind}.") from None


env = _Env()


def text(name: str, default: str = "") -> str:
    """Return the variable as it is; unlike `env.str`, a leading `$` is no reference."""
    return os.environ.get(name, default)


def flag(name: str, default: bool) -> bool:
    """Return a variable that is true or false; empty or not set: `default`. ImproperlyConfigured for anything else.

    `env.bool` takes whatever it does not know for false: `HTTPS="true"`, quotes included, would switch https off.
    """
    value = text(name).strip().lower()
    if value in {"true", "1", "yes", "y", "on", "t", "ok"}:
        return True
    if value in {"false", "0", "no", "n", "off", "f"}:
        return False
    if value:
        raise ImproperlyConfigured(f"{name} is neither true nor false.")
    return default


def database() -> dict[str, Any]:
    """Return host, port, name, user and password for Django's DATABASES.

    `DATABASE_URL` is read by libpq's own rules, so percent-encoded socket directories work;
    without it the separate `POSTGRES_*` variables count.
    """
    if url := text("DATABASE_URL"):
        try:
            parts = conninfo_to_dict(url)
        except ProgrammingError:
            raise ImproperlyConfigured("DATABASE_URL is not postgresql://user:password@host:port/name.") from None
        known = {key: parts.pop(key, "") for key in ("dbname", "user", "password", "host", "port")}
        connection = {
            "NAME": known["dbname"],
            "USER": known["user"],
            "PASSWORD": known["password"],
            "HOST": known["host"],
            "PORT": str(known["port"] or ""),
        }
        return connection | {"EXTRA": parts}
    return {
        "NAME": text("POSTGRES_DB", "taskhouse"),
        "USER": text("POSTGRES_USER", "taskhouse"),
        "PASSWORD": text("POSTGRES_PASSWORD"),
        "HOST": text("POSTGRES_HOST", "127.0.0.1"),
        "PORT": text("POSTGRES_PORT", "5432"),
        "EXTRA": {},
    }


def redis_urls() -> tuple[str, str]:
    """Return (broker URL, cache URL) on databases 0 and 1 of one server.

    `REDIS_SOCKET` is the path of a unix socket; `REDIS_URL` is `redis://`, `rediss://` or `unix://`.
    `CELERY_BROKER_URL` and `CACHE_URL` override each by itself.
    """
    broker = _redis_database(0).replace("unix://", "redis+socket://").replace("?db=", "?virtual_host=")
    return text("CELERY_BROKER_URL") or broker, text("CACHE_URL") or _redis_database(1)


def event_stream_url() -> str:
    """Return the URL of the server whose stream takes events: EVENT_STREAM_URL, or database 2 of the Redis server."""
    return text("EVENT_STREAM_URL") or _redis_database(2)


def _redis_database(number: int) -> str:
    url = text("REDIS_URL") or "redis://127.0.0.1:6379"
    if urlsplit(url).scheme not in SCHEMES:
        raise ImproperlyConfigured("REDIS_URL is not redis://:password@host:port, rediss:// or unix:///path.")
    socket = text("REDIS_SOCKET") or (urlsplit(url).path if url.startswith("unix://") else "")
    if socket:
        return f"unix://{socket}?db={number}"
    server, _, query = url.partition("?")
    scheme, _, rest = server.partition("://")
    return f"{scheme}://{rest.split('/')[0]}/{number}" + (f"?{query}" if query else "")


def choice(name: str, choices: Sequence[str]) -> str:
    """Return a variable that is one of `choices`; empty or not set: the first. ImproperlyConfigured for another."""
    value = text(name).strip().lower() or choices[0]
    if value not in choices:
        raise ImproperlyConfigured(f"{name} is none of {', '.join(choices)}.")
    return value


def rate(name: str, default: str) -> str:
    """Return a limit, `count/seconds`, both from 1; not set: `default`. ImproperlyConfigured for anything else.

    It would be found out by the first request that counts: a 500 for every login.
    """
    value = text(name).strip() or default
    if not RATE.fullmatch(value):
        raise ImproperlyConfigured(f"{name} is not count/seconds, such as 60/3600.")
    return value


def networks(name: str) -> list[str]:
    """Return a list of networks such as `10.0.0.0/8,fd00::/8`. ImproperlyConfigured for what is none."""
    found = [item.strip() for item in text(name).split(",") if item.strip()]
    for network in found:
        try:
            ipaddress.ip_network(network, strict=False)
        except ValueError:
            raise ImproperlyConfigured(f"{name} holds what is no network, such as 10.0.0.0/8.") from None
    return found


def key_ring(value: str) -> dict[str, str]:
    """Return {key id: key} from `id:key,id:key`."""
    pairs = (item.partition(":") for item in value.split(",") if item.strip())
    return {key_id.strip(): key.strip() for key_id, _, key in pairs}
