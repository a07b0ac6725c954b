"""The WSGI entry point."""

import os

import django

os.environ.setdefault("PROCESS", "web")  # pooled connections, short time limits
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup(set_prefix=False)

from django.conf import settings  # noqa: E402 - django.setup comes first

from apps.common.web.request_validation import Utf8Handler  # noqa: E402 - needs the settings
from apps.common.web.routing import load_routes  # noqa: E402
from apps.common.web.templates_ahead import compile_templates  # noqa: E402
from config import telemetry  # noqa: E402

telemetry.start()  # before the handler loads the middleware, which OpenTelemetry extends
application = Utf8Handler()
compile_templates()
load_routes(settings.ROOT_URLCONF)
