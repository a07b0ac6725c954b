"""The services' texts that pages may show; `apps.common.language.problems` translates them."""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

PLAIN = frozenset(
    {
        _("Not found."),
        _("The database needs too long for this filter: add a test that leaves fewer tasks, such as a project."),
    }
)
WITH_VALUES: tuple[str, ...] = ()
