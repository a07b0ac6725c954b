"""Bring the catalogues up to the source, and compile them: `python -m scripts.translations`.

New texts are added without a translation, which the tests reject until somebody writes it; texts that nobody shows any
more are dropped. Nothing is guessed: there are no fuzzy entries.
"""

from __future__ import annotations

import os

import django

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings_test")
    django.setup()
    from scripts.translations.files import update

    for line in update():
        print(line)
