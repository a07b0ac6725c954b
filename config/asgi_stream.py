"""The ASGI entry point of the stream process: `gunicorn --config config/gunicorn_stream.py config.asgi_stream`."""

import os

import django

os.environ.setdefault("PROCESS", "stream")  # few connections, short time limits
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup(set_prefix=False)

from apps.events.stream.application import StreamApplication  # noqa: E402 - needs the settings
from config import stopping  # noqa: E402

application = StreamApplication(is_stopping=stopping.is_asked)
