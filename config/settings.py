"""Every setting, read from the environment; the defaults are safe for production."""

from __future__ import annotations

import logging
from datetime import timedelta
from pathlib import Path
from typing import Any

from corsheaders.defaults import default_headers

from apps.common.sql.connections import KeepingConnection
from config import env_file
from config.env import choice, database, env, event_stream_url, flag, key_ring, networks, rate, redis_urls, text
from config.logs import logging_of
from config.openapi import SPECTACULAR_SETTINGS as SPECTACULAR_SETTINGS
from config.production import reject_unsafe
from config.schedule import beat_schedule
from config.sub_path import sub_path

BASE_DIR = Path(__file__).resolve().parent.parent
if text("ENVIRONMENT") != "test":  # the suite must not reach what the file leads to
    env_file.load()

ENVIRONMENT = text("ENVIRONMENT", "production")  # production, local or test
PROCESS = text("PROCESS", "command")  # `web` in the web processes: config.wsgi says so
LOCAL_STACK = flag("LOCAL_STACK", False)  # scripts/run and scripts/manage say so: advice names them then

SECRET_KEY = text("SECRET_KEY")
DEBUG = flag("DEBUG", False)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[])
HTTPS = flag("HTTPS", ENVIRONMENT == "production")
NUM_PROXIES = env.int("NUM_PROXIES", default=None if ENVIRONMENT == "production" else 0)
PUBLIC_URL = text("PUBLIC_URL", "" if ENVIRONMENT == "production" else "http://127.0.0.1:8000").rstrip("/")
FRONTEND_URL = text("FRONTEND_URL").rstrip("/")
PAGES = flag("PAGES", not FRONTEND_URL)  # the built-in pages; those that mails lead to are there without it
PAGES_LIVE = choice("PAGES_LIVE", ("stream", "poll", "off"))  # how open pages follow what others do
SUB_PATH = sub_path(public_url=PUBLIC_URL, forced=text("FORCE_SCRIPT_NAME"), server=text("SCRIPT_NAME"))
FORCE_SCRIPT_NAME = SUB_PATH or None
FAULT_POINT = text("FAULT_POINT")  # production rejects it

INSTALLED_APPS = [
    "apps.common",
    "apps.notifications",
    "apps.users",
    "apps.batches",
    "apps.projects",
    "apps.tokens",
    "apps.tasks",
    "apps.reports",
    "apps.invitations",
    "apps.calendars",
    "apps.events",
    "apps.sync",
    "apps.exports",
    "apps.imports",
    "apps.webhooks",
    "apps.web",
    "apps.users.admin_config.AdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.staticfiles",
    "corsheaders",
    "django_filters",
    "django_htmx",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
]
MIDDLEWARE = [
    "apps.common.monitoring.request_id.RequestIdMiddleware",
    "apps.common.web.origin.OriginMiddleware",
    "apps.common.monitoring.requests.ObservationMiddleware",
    "apps.common.web.security_headers.SecurityHeadersMiddleware",
    "apps.common.web.cors.ApiCorsMiddleware",  # around whatever may answer before a view
    "apps.common.web.json_only.JsonOnlyMiddleware",
    "apps.common.web.request_validation.RequestShapeMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "apps.common.web.pages_only.PageSessionMiddleware",
    "apps.common.web.slashes.SlashMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "apps.common.web.pages_only.PageAuthenticationMiddleware",
    "apps.common.web.pages_only.PageMessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": ["apps.common.templatetags.paths"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True
# The pages and mails: apps.common.language. No LocaleMiddleware, so that the API and the admin site stay English.
USE_I18N = True
LANGUAGES = [("en", "English"), ("de", "Deutsch")]
LOCALE_PATHS = [BASE_DIR / "config" / "locale"]
FORMAT_MODULE_PATH = ["config.formats"]

# Shorter than PostgreSQL's deadlock_timeout of a second: in a circle of locks the migration gives way, never a request.
MIGRATE_LOCK_TIMEOUT_MS = env.int("MIGRATE_LOCK_TIMEOUT_MS", 500)

# PostgreSQL. Web processes pool their connections and never wait long; commands and workers do neither.
DB_PREPARE = flag("DB_PREPARE", True)  # off behind a pooler that shares connections between transactions
_database = database()
_options: dict[str, Any] = {
    **_database.pop("EXTRA"),
    "application_name": f"taskhouse-{PROCESS}",
    "connect_timeout": 5,
    "prepare_threshold": 5 if DB_PREPARE else None,
}
if PROCESS in {"web", "stream"}:
    _timeouts = {
        "lock_timeout": env.int("DB_LOCK_TIMEOUT_MS", 2_000),
        "statement_timeout": env.int("DB_STATEMENT_TIMEOUT_MS", 5_000),
        "idle_in_transaction_session_timeout": 30_000,
    }
    _options["options"] = " ".join(f"-c {name}={value}" for name, value in _timeouts.items())
    if flag("DB_POOL", True):
        _options["pool"] = {
            "connection_class": KeepingConnection,
            "timeout": 5 if PROCESS == "web" else 2,  # of streams three wait at a time, and the others behind them
            # The pool doubles its waits between attempts: after a long outage they begin anew.
            "reconnect_timeout": 5,
            "min_size": int(PROCESS == "web"),
            "max_size": env.int("DB_POOL_SIZE", 16) if PROCESS == "web" else 4,  # three threads and the health check
            "max_idle": 600 if PROCESS == "web" else 10,
        }
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        **_database,
        "CONN_MAX_AGE": 0,
        "CONN_HEALTH_CHECKS": PROCESS == "stream",  # a page whose stream is rejected comes back after a minute
        "OPTIONS": _options,
        "DISABLE_SERVER_SIDE_CURSORS": flag("DB_DISABLE_SERVER_SIDE_CURSORS", False),
    }
}

# Redis or Valkey: database 0 is Celery's, database 1 holds throttles and the cache.
CELERY_BROKER_URL, CACHE_URL = redis_urls()
REDIS_TIMEOUT = 0.25  # seconds; a request never waits longer for Redis
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": CACHE_URL,
        "OPTIONS": {"socket_timeout": REDIS_TIMEOUT, "socket_connect_timeout": REDIS_TIMEOUT},
    }
}

# The event log: who else is sent it, beside those who ask for it
EVENT_SINK = choice("EVENT_SINK", ("none", "valkey", "kafka"))
EVENT_STREAM_URL = event_stream_url()
EVENT_STREAM_MAXLEN = env.int("EVENT_STREAM_MAXLEN", 100_000)
KAFKA_BROKERS = text("KAFKA_BROKERS")
STREAM_MAX = env.int("STREAM_MAX", 1_000)  # of a stream process
STREAMS_PER_PERSON = env.int("STREAMS_PER_PERSON", 5)

# Celery carries no data: a message is an empty wake-up, whatever is lost the next sweep finds.
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_TIME_LIMIT = 300
CELERY_TASK_SOFT_TIME_LIMIT = 240
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 600,
    "socket_timeout": 5,
    "socket_connect_timeout": 5,
    "health_check_interval": 10,
}
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_SEND_TASK_EVENTS = False
CELERY_BEAT_SCHEDULER = "celery.beat:Scheduler"  # in memory: every job is safe to repeat, nothing to remember
CELERY_TIMEZONE = "UTC"
# A job is safe to repeat, and a mail under way is better finished than cut off.
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = False
TASK_LOG_USER_ID = env.int("TASK_LOG_USER_ID", 0)
CELERY_BEAT_SCHEDULE = beat_schedule(has_sink=EVENT_SINK != "none", logs_tasks=bool(TASK_LOG_USER_ID))

# People and tokens
AUTH_USER_MODEL = "users.User"
PASSWORD_HASHERS = [
    "apps.users.credentials.hashers.ModestArgon2Hasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
# For `create_admin` alone
ADMIN_USERNAME = text("ADMIN_USERNAME", "admin")
ADMIN_EMAIL = text("ADMIN_EMAIL", "admin@example.com")
ADMIN_PASSWORD = text("ADMIN_PASSWORD")
JWT_SIGNING_KEY = text("JWT_SIGNING_KEY")
JWT_KEY_ID = text("JWT_KEY_ID", "1")
JWT_PREVIOUS_KEYS = key_ring(text("JWT_PREVIOUS_KEYS"))
FIELD_KEYS = [key.strip() for key in text("FIELD_KEYS").split(",") if key.strip()]  # newest first
SIMPLE_JWT: dict[str, Any] = {
    "ALGORITHM": "HS256",
    "SIGNING_KEY": JWT_SIGNING_KEY,
    "ISSUER": "taskhouse",
    "AUDIENCE": "taskhouse-api",
    "AUTH_HEADER_TYPES": ("Bearer",),
    "ACCESS_TOKEN_LIFETIME": timedelta(seconds=env.int("ACCESS_TOKEN_SECONDS", 300)),
    "REFRESH_TOKEN_LIFETIME": timedelta(days=env.int("REFRESH_TOKEN_DAYS", 14)),
}
SESSION_LIFETIME = timedelta(days=env.int("SESSION_DAYS", 90))
REFRESH_GRACE = timedelta(seconds=10)
LOGIN_FAILURES = env.int("LOGIN_FAILURES", 5)
LOGIN_FAILURE_WINDOW = timedelta(minutes=env.int("LOGIN_FAILURE_MINUTES", 15))
TOKEN_DEFAULT_DAYS = env.int("TOKEN_DEFAULT_DAYS", 90)
TOKEN_MAX_DAYS = env.int("TOKEN_MAX_DAYS", 366)
TOKENS_MAX = env.int("TOKENS_MAX", 50)  # live ones of a person
VERIFICATION_LIFETIME = timedelta(days=3)
PASSWORD_RESET_LIFETIME = timedelta(hours=1)

# Limits: `count/seconds`, counted per user (or per address on public routes)
THROTTLE_RATES = {
    scope: rate(f"THROTTLE_{scope.upper()}", default)
    for scope, default in {
        "register": "20/3600",
        "login": "60/60",
        "refresh": "120/60",
        "mail": "10/3600",
        "token": "30/60",
        "members": "60/60",
        "upload": "120/60",
        "reports": "30/3600",
        "exports": "30/3600",
        "imports": "10/3600",
        "write": "1200/60",
        "stream": "30/60",
        "bulk": "60/60",
        "bulk_items": "20000/3600",  # tasks, of dry runs too
        "sync": "120/60",
        "api_token": "1200/60",  # per token, beside the limits of its owner
        "webhook_test": "30/60",
        "invitations": "50/86400",
        "ical": "60/3600",  # per feed
    }.items()
}
BODY_MAX_BYTES = env.int("BODY_MAX_BYTES", 1_000_000)
DATA_UPLOAD_MAX_MEMORY_SIZE = BODY_MAX_BYTES
ATTACHMENT_MAX_BYTES = env.int("ATTACHMENT_MAX_BYTES", 10 * 1024**2)
PROJECT_QUOTA_BYTES = env.int("PROJECT_QUOTA_BYTES", 1024**3)
AVATAR_MAX_BYTES = 2 * 1024**2
DISK_RESERVE_BYTES = env.int("DISK_RESERVE_BYTES", 1024**3)
ATTACHMENT_RETENTION_DAYS = env.int("ATTACHMENT_RETENTION_DAYS", 0)
LEDGER_RETENTION_DAYS = env.int("LEDGER_RETENTION_DAYS", 90)
ACTIVITY_RETENTION_DAYS = env.int("ACTIVITY_RETENTION_DAYS", 0)
REPORT_RETENTION_DAYS = env.int("REPORT_RETENTION_DAYS", 30)
TRASH_DAYS = env.int("TRASH_DAYS", 30)
UNDO_HOURS = env.int("UNDO_HOURS", 24)
BATCH_DAYS = env.int("BATCH_DAYS", 30)
LABELS_MAX_PER_PROJECT = env.int("LABELS_MAX_PER_PROJECT", 500)
BULK_INLINE = env.int("BULK_INLINE", 200)  # tasks of one transaction; more are changed in the background
BULK_MAX = env.int("BULK_MAX", 5_000)  # tasks that a filter may hit
INVITATION_DAYS, INVITATIONS_MAX = env.int("INVITATION_DAYS", 14), env.int("INVITATIONS_MAX", 50)  # pending ones
REGISTRATION = choice("REGISTRATION", ("open", "invite", "closed"))
VIEWS_MAX = env.int("VIEWS_MAX", 200)
EXPORT_HOURS = env.int("EXPORT_HOURS", 24)
IMPORT_MAX_BYTES = env.int("IMPORT_MAX_BYTES", 20 * 1024**2)
IMPORT_MAX_TASKS = env.int("IMPORT_MAX_TASKS", 20_000)
IMPORT_UNDO_DAYS = env.int("IMPORT_UNDO_DAYS", 7)
EXPORT_MAX_ROWS = env.int("EXPORT_MAX_ROWS", 50_000)  # tasks of a CSV
FILTER_TIMEOUT_MS = env.int("FILTER_TIMEOUT_MS", 3_000)
WEBHOOK_MAX_PER_PROJECT = env.int("WEBHOOK_MAX_PER_PROJECT", 20)
WEBHOOK_ALLOW_HTTP = flag("WEBHOOK_ALLOW_HTTP", False)
WEBHOOK_ALLOWED_HOSTS = env.list("WEBHOOK_ALLOWED_HOSTS", default=[])  # host names that may lead anywhere
WEBHOOK_ALLOWED_NETWORKS = networks("WEBHOOK_ALLOWED_NETWORKS")  # that are not public
DELIVERY_DAYS = env.int("DELIVERY_DAYS", 30)
IDEMPOTENCY_LIFETIME = timedelta(hours=24)

# Mail: sent by the worker only, from the outbox
EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_HOST = text("EMAIL_HOST", "127.0.0.1")
EMAIL_PORT = env.int("EMAIL_PORT", 25)
EMAIL_HOST_USER = text("EMAIL_HOST_USER")
EMAIL_HOST_PASSWORD = text("EMAIL_HOST_PASSWORD")
EMAIL_USE_TLS = flag("EMAIL_USE_TLS", False)
EMAIL_USE_SSL = flag("EMAIL_USE_SSL", False)
EMAIL_TIMEOUT = env.int("EMAIL_TIMEOUT", 10)
EMAIL_EHLO_NAME = text("EMAIL_EHLO_NAME")  # empty: the domain of DEFAULT_FROM_EMAIL
EMAIL_CONNECTIONS = env.int("EMAIL_CONNECTIONS", 4)  # of one worker process, when many mails wait
DEFAULT_FROM_EMAIL = text("DEFAULT_FROM_EMAIL", "Tasks <tasks@localhost>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL

# Files: private ones through the storage `default`, never under the web root
MEDIA_ROOT = Path(text("MEDIA_ROOT", str(BASE_DIR / ".local" / "media")))
MEDIA_URL = "/media/"
STATIC_ROOT = Path(text("STATIC_ROOT", str(BASE_DIR / ".local" / "static")))
STATIC_URL = f"{SUB_PATH}/static/"
X_ACCEL_REDIRECT = flag("X_ACCEL_REDIRECT", False)
STORAGES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
if choice("STORAGE", ("filesystem", "s3")) == "s3":
    STORAGES["default"] = {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": text("S3_BUCKET"),
            "endpoint_url": text("S3_ENDPOINT") or None,
            "region_name": text("S3_REGION") or None,
            "access_key": text("S3_ACCESS_KEY") or None,
            "secret_key": text("S3_SECRET_KEY") or None,
        },
    }

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "apps.tokens.authentication.ApiTokenAuthentication",
        "apps.users.credentials.authentication.SessionTokenAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "apps.common.api.negotiation.ContentNegotiation",
    "DEFAULT_PARSER_CLASSES": ["apps.common.api.parsers.StrictJSONParser"],
    "DEFAULT_PAGINATION_CLASS": "apps.common.lists.pagination.KeysetPagination",
    "DEFAULT_FILTER_BACKENDS": ["apps.common.lists.filters.StrictFilterBackend"],
    "DEFAULT_SCHEMA_CLASS": "apps.common.openapi.schema.ApiSchema",
    "EXCEPTION_HANDLER": "apps.common.api.problems.exception_handler",
    "NUM_PROXIES": NUM_PROXIES,
    "UNICODE_JSON": True,
    "URL_FORMAT_OVERRIDE": None,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}

# The browser's side: closed unless said otherwise
CORS_ALLOWED_ORIGINS = env.list("CORS_ALLOWED_ORIGINS", default=[])
CORS_ALLOW_ALL_ORIGINS = False
CORS_ALLOW_HEADERS = [*default_headers, "if-match", "if-none-match", "idempotency-key", "x-request-id"]
CORS_EXPOSE_HEADERS = [
    "Content-Disposition",
    "ETag",
    "Idempotency-Replayed",
    "Link",
    "Location",
    "Retry-After",
    "X-Batch-ID",
    "X-Request-ID",
]
CORS_URLS_REGEX = r"(?i)/+api(?:/|\Z)"  # as in apps.common.web.areas
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
CSRF_FAILURE_VIEW = "apps.web.base.errors.csrf_failure"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = HTTPS
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
# The prefix makes browsers reject the cookie over http and for other hosts (RFC 6265bis §4.1.3). `__Host-` is for the
# whole host; below a path the cookie is for that path alone, since others may run beside us.
_prefix = ("__Secure-" if SUB_PATH else "__Host-") if HTTPS else ""
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = (f"{_prefix}{name}" for name in ("sessionid", "csrftoken"))
PAGE_COOKIE_NAME = f"{_prefix}taskhouse_session"  # of the built-in pages; Django's own is the admin site's
SESSION_COOKIE_PATH = CSRF_COOKIE_PATH = SUB_PATH or "/"
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SECURE_HSTS_SECONDS = env.int("HSTS_SECONDS", 31_536_000) if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_REDIRECT_EXEMPT = [rf"^(?:{SUB_PATH[1:]}/)?{path}" for path in ("health/", "metrics$")]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if NUM_PROXIES else None
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

METRICS_TOKEN = text("METRICS_TOKEN")
METRICS_PORT = env.int("METRICS_PORT", 0)  # of a worker; the web processes answer /metrics
SENTRY_DSN = text("SENTRY_DSN")
OTEL_EXPORTER_OTLP_ENDPOINT = text("OTEL_EXPORTER_OTLP_ENDPOINT")
LOG_LEVEL = text("LOG_LEVEL", "INFO")
LOGGING = logging_of(LOG_LEVEL)

if ENVIRONMENT == "production":
    logging.captureWarnings(True)  # every line of the log is of the same shape
    reject_unsafe(globals())
