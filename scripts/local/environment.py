"""The variables that the parts of a local stack run with: ours, unless the user names others."""

import os
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from scripts.local.places import NAME, secret

ROOT = Path(__file__).resolve().parents[2]
DATABASE_VARIABLES = ("DATABASE_URL", "POSTGRES_HOST")
CACHE_VARIABLES = ("REDIS_URL", "REDIS_SOCKET")
# What leads to services: the owner of the stack hands these on to its guests.
SERVICE_PREFIXES = (
    "DATABASE_",
    "POSTGRES_",
    "REDIS_",
    "EMAIL_",
    "PUBLIC_URL",
    "CELERY_BROKER_URL",
    "CACHE_URL",
)


def home() -> Path:
    """Return the folder of the local stack: `.local`, or LOCAL_DIR."""
    return Path(os.environ.get("LOCAL_DIR") or ROOT / ".local").absolute()


def given(*names: str) -> bool:
    """Return whether the user's environment sets one of these variables."""
    return any(os.environ.get(name) for name in names)


def parts(places_home: Path, services: Mapping[str, str], *, public_url: str) -> dict[str, str]:
    """Return the environment of web, worker, beat and management commands.

    `services` are the addresses of what we run ourselves; for the rest the user's own values win.
    """
    inherited = {name: value for name, value in os.environ.items() if value}
    if "POSTGRES_HOST" in services:  # libpq would take these as well
        inherited = {name: value for name, value in inherited.items() if not name.startswith("PG")}
    return {**_defaults(places_home, public_url), **inherited, **_unset(services), **services, **_fixed()}


def _unset(services: Mapping[str, str]) -> dict[str, str]:
    """Return empty values for what would lead elsewhere: a file `.env` may name other servers."""
    others: list[str] = []
    if "POSTGRES_HOST" in services:
        others += ["DATABASE_URL"]
    if "REDIS_SOCKET" in services:
        others += ["REDIS_URL", "CELERY_BROKER_URL", "CACHE_URL"]
    if "EMAIL_HOST" in services:
        others += ["EMAIL_HOST_USER", "EMAIL_HOST_PASSWORD", "EMAIL_USE_TLS", "EMAIL_USE_SSL"]
    return dict.fromkeys(others, "")


def _defaults(places_home: Path, public_url: str) -> dict[str, str]:
    return {
        "SECRET_KEY": secret(places_home, "SECRET_KEY"),
        "JWT_SIGNING_KEY": secret(places_home, "JWT_SIGNING_KEY"),
        "PUBLIC_URL": public_url,
        "HTTPS": "false",
        "NUM_PROXIES": "0",
        "ALLOWED_HOSTS": ",".join(["localhost", "127.0.0.1", "[::1]", urlsplit(public_url).hostname or ""]),
        "DEFAULT_FROM_EMAIL": f"{NAME}@localhost",
        "MEDIA_ROOT": str(places_home / "media"),
        "STATIC_ROOT": str(places_home / "static"),
        "LOG_FORMAT": "plain",
        # One machine plays all the clients.
        "THROTTLE_REGISTER": "1000/3600",
        "THROTTLE_MAIL": "1000/3600",
    }


def _fixed() -> dict[str, str]:
    return {
        "ENVIRONMENT": "local",
        "LOCAL_STACK": "true",
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "PYTHONUNBUFFERED": "1",
    }


def services_of(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the variables of `environment` that lead to services, for a guest of the stack."""
    return {name: value for name, value in environment.items() if name.startswith(SERVICE_PREFIXES)}
