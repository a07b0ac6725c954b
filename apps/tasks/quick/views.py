"""HTTP for quick add."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.common.api.idempotency import idempotent
from apps.common.api.serializers import checked
from apps.common.dates.days import zone_named
from apps.common.errors import NotFoundError
from apps.common.transactions import run_write
from apps.tasks.filters import read_zone
from apps.tasks.quick.schema import QUICK
from apps.tasks.quick.serializers import QuickSerializer, TokenSerializer
from apps.tasks.quick.services import QuickTask, quick_add


class QuickMixin:
    """The action of the list of tasks that reads a line of text."""

    @QUICK
    @action(detail=False, methods=["post"])
    @idempotent
    def quick(self: Any, request: Request) -> HttpResponse:
        try:
            body = checked(QuickSerializer, request.data)
        except serializers.ValidationError:
            self.check_body_access(request)
            raise
        zone = read_zone(body.pop("tz", "")) or zone_named(self.actor.timezone)
        now = timezone.now().astimezone(zone)

        def work() -> HttpResponse:
            return self.answer_quick(quick_add(actor=self.actor, now=now, **body))  # type: ignore[no-any-return]

        return run_write(work)

    def answer_quick(self: Any, made: QuickTask) -> HttpResponse:
        """Return the task as it is now, and how its text was read."""
        task = None
        if made.task is not None:
            row = self.rendered(made.task.pk)
            if row is None:
                raise NotFoundError
            task = json.loads(row.text)
        body = {
            "task": task,
            "fields": made.reading.fields,
            "tokens": [TokenSerializer(token).data for token in made.reading.tokens],
            "warnings": made.reading.warnings,
        }
        return Response(body, status=HTTPStatus.OK if task is None else HTTPStatus.CREATED)
