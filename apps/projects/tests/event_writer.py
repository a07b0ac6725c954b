"""Writes events without end, in a process of its own that is killed at some instant."""

from __future__ import annotations

import contextlib
import random
import time

import django
from django.apps import apps
from django.db import connection, transaction

if not apps.ready:
    django.setup()

from apps.projects.events import EventType
from apps.projects.services import Event, record_events


def write_until_killed(database: str, project_id: int, seed: int) -> None:
    """Write events to a project of the named database, in transactions of random length."""
    connection.settings_dict["NAME"] = database
    chance = random.Random(seed)
    while True:
        with contextlib.suppress(ZeroDivisionError), transaction.atomic():
            events = [Event(type=EventType.PROJECT_UPDATED)] * chance.randint(1, 3)
            record_events(project_id, events, actor_id=None)
            time.sleep(chance.random() / 200)
            if chance.random() < 0.1:
                raise ZeroDivisionError  # rolled back
