"""Compiles the project's templates when a process starts, not when a page or a mail first needs them."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.template import Engine
from django.template.utils import get_app_template_dirs


def compile_templates() -> int:
    """Compile the templates of all our apps into the engine's cache, and return how many.

    An upgrade puts new files in place while the processes of the version before still serve. What they have compiled
    they keep; what they read first then is of the other version, or gone.
    """
    ours, engine, count = Path(settings.BASE_DIR) / "apps", Engine.get_default(), 0
    for folder in map(Path, get_app_template_dirs("templates")):
        if folder.is_relative_to(ours):
            for path in sorted(folder.rglob("*.*")):
                engine.get_template(str(path.relative_to(folder)))
                count += 1
    return count
