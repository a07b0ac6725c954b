"""What a production start rejects, each rejection naming the variable to fix."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping, Sequence
from email.utils import parseaddr
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from apps.common.text.mail_addresses import BadAddressError, normal_address

SAMPLE_MARKS = ("change-me", "changeme", "insecure", "sample", "example", "secret-key", "replace")
DEFAULT_PASSWORDS = {"", "postgres", "password", "admin", "taskhouse", "change-me", "changeme", "secret", "root"}
KEY_LENGTH = 32
# A domain, or an address literal (RFC 5321 §4.1.3)
HOST_NAME = re.compile(r"[^\W_](?:[\w.-]*[^\W_])?|\[[0-9A-Za-z.:]+\]")


def reject_unsafe(settings: Mapping[str, Any]) -> None:
    """Raise ImproperlyConfigured with every unsafe setting, one line each."""
    if problems := list(unsafe(settings)):
        raise ImproperlyConfigured("Refusing to start in production:\n" + "\n".join(f"  {p}" for p in problems))


def unsafe(settings: Mapping[str, Any]) -> Iterator[str]:
    """Yield one sentence for each unsafe setting; the first word is the environment variable."""
    yield from _keys(settings)
    yield from _hosts(settings)
    yield from _mail(settings)
    yield from _passwords(settings)
    yield from _files(settings)
    yield from _events(settings)


def _keys(settings: Mapping[str, Any]) -> Iterator[str]:
    for name in ("SECRET_KEY", "JWT_SIGNING_KEY"):
        key = settings[name]
        if not key:
            yield f"{name} is not set."
        elif len(key.encode()) < KEY_LENGTH:
            yield f"{name} is shorter than {KEY_LENGTH} bytes."
        elif any(mark in key.lower() for mark in SAMPLE_MARKS) or len(set(key)) < 8:
            yield f"{name} is a sample value: make your own, such as `openssl rand -base64 48` prints."
    if settings["SECRET_KEY"] and settings["JWT_SIGNING_KEY"] == settings["SECRET_KEY"]:
        yield "JWT_SIGNING_KEY equals SECRET_KEY: a leak of one would be a leak of both."
    yield from _field_keys(settings["FIELD_KEYS"])
    for key_id, key in settings["JWT_PREVIOUS_KEYS"].items():
        if len(key.encode()) < KEY_LENGTH:
            yield f"JWT_PREVIOUS_KEYS has a key shorter than {KEY_LENGTH} bytes (id {key_id})."
        elif key == settings["SECRET_KEY"]:
            yield f"JWT_PREVIOUS_KEYS holds SECRET_KEY (id {key_id})."


def _field_keys(keys: Sequence[str]) -> Iterator[str]:
    for key in keys:
        try:
            raw = base64.urlsafe_b64decode(key)
        except ValueError:
            raw = b""
        if len(raw) != KEY_LENGTH:
            yield "FIELD_KEYS holds what is no Fernet key: 32 bytes in URL-safe base64."
        elif len(set(raw)) < 8 or raw.isascii():
            yield "FIELD_KEYS holds a sample value: `./scripts/make-env` shows how to make one."


def _hosts(settings: Mapping[str, Any]) -> Iterator[str]:
    if settings["DEBUG"]:
        yield "DEBUG is on."
    if not settings["ALLOWED_HOSTS"]:
        yield "ALLOWED_HOSTS is empty."
    if "*" in settings["ALLOWED_HOSTS"]:
        yield "ALLOWED_HOSTS contains `*`."
    if settings["NUM_PROXIES"] is None:
        yield "NUM_PROXIES is not set: say how many proxies to trust in X-Forwarded-For (0 for none)."
    elif settings["NUM_PROXIES"] < 0:
        yield "NUM_PROXIES is negative."
    if settings["CORS_ALLOW_ALL_ORIGINS"] or "*" in settings["CORS_ALLOWED_ORIGINS"]:
        yield "CORS_ALLOWED_ORIGINS contains `*`."
    if not settings["PUBLIC_URL"].startswith(("https://", "http://")):
        yield "PUBLIC_URL is not set: links in mails need it."
    elif settings["HTTPS"] and not settings["PUBLIC_URL"].startswith("https://"):
        yield "PUBLIC_URL is not https:// although HTTPS is on."


def _mail(settings: Mapping[str, Any]) -> Iterator[str]:
    try:
        normal_address(parseaddr(settings["DEFAULT_FROM_EMAIL"])[1])
    except BadAddressError:
        yield "DEFAULT_FROM_EMAIL holds no address that mail can be sent from."
    if settings["EMAIL_EHLO_NAME"] and not HOST_NAME.fullmatch(settings["EMAIL_EHLO_NAME"]):
        yield "EMAIL_EHLO_NAME is neither a host name nor an address in brackets."


def _passwords(settings: Mapping[str, Any]) -> Iterator[str]:
    database = settings["DATABASES"]["default"]
    over_socket = database["HOST"].startswith("/")
    if database["PASSWORD"].lower() in DEFAULT_PASSWORDS and not (over_socket and not database["PASSWORD"]):
        yield "POSTGRES_PASSWORD is a default or empty password (DATABASE_URL counts too)."
    if settings["EMAIL_HOST_USER"] and settings["EMAIL_HOST_PASSWORD"].lower() in DEFAULT_PASSWORDS:
        yield "EMAIL_HOST_PASSWORD is a default or empty password."
    for variable, url in (("REDIS_URL", settings["CACHE_URL"]), ("CELERY_BROKER_URL", settings["CELERY_BROKER_URL"])):
        # Without a password is for a server in a network of its own; a password that anybody knows is for nobody.
        if (urlsplit(url).password or "-").lower() in DEFAULT_PASSWORDS:
            yield f"{variable} has a default password."
            break
    if settings["METRICS_TOKEN"] and len(settings["METRICS_TOKEN"]) < 16:
        yield "METRICS_TOKEN is shorter than 16 characters."
    if settings["FAULT_POINT"]:
        yield "FAULT_POINT is set: it makes processes kill themselves."


def _events(settings: Mapping[str, Any]) -> Iterator[str]:
    if settings["EVENT_SINK"] == "kafka" and not settings["KAFKA_BROKERS"]:
        yield "KAFKA_BROKERS is not set although EVENT_SINK is kafka."


def _files(settings: Mapping[str, Any]) -> Iterator[str]:
    media, static = Path(settings["MEDIA_ROOT"]).resolve(), Path(settings["STATIC_ROOT"]).resolve()
    if media == static or static in media.parents:
        yield "MEDIA_ROOT lies under STATIC_ROOT: uploads would be served without a check."
    if media in static.parents:
        yield "STATIC_ROOT lies under MEDIA_ROOT: static files would mix with uploads."
