"""The words by which a form says what is to be done: one that it does not offer is rejected, never guessed (PG3)."""

from __future__ import annotations

from collections.abc import Collection

from django.http import HttpRequest
from django.utils.translation import gettext

from apps.common.errors import FieldError, ValidationError
from apps.web.base.forms import UNPROCESSABLE


class NotOfferedError(ValidationError):
    """422: a form was sent with a word that it does not offer; nothing was done."""

    status = UNPROCESSABLE


def chosen_word(request: HttpRequest, name: str, offered: Collection[str], *, default: str | None = None) -> str:
    """Return the word that was sent as `name`; `default` is for a form that was sent without any.

    NotOfferedError for a word that is not `offered`, for several, and for none without a default.
    """
    sent = request.POST.getlist(name)
    if not sent and default is not None:
        return default
    if len(sent) == 1 and sent[0] in offered:
        return sent[0]
    said = gettext("Choose what is to be done.") if sent in ([], [""]) else gettext("The form does not offer that.")
    raise NotOfferedError(FieldError(f"/{name}", "invalid_choice", said))
