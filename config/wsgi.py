"""The WSGI entry point."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("PROCESS", "web")  # pooled connections, short time limits
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

from config import telemetry

telemetry.start()
application = get_wsgi_application()
