"""The suite's settings: real PostgreSQL and Valkey from TEST_DATABASE_URL and TEST_REDIS_URL."""

import os

os.environ["ENVIRONMENT"] = "test"
os.environ["SECRET_KEY"] = "only-for-the-suite-" + "s" * 40
os.environ["JWT_SIGNING_KEY"] = "only-for-the-suite-" + "j" * 40
os.environ["FIELD_KEYS"] = "b25seS1mb3ItdGhlLXN1aXRlLW5vdC1hLXNlY3JldCE="  # 32 bytes in base64
for _variable in ("DATABASE_URL", "REDIS_URL"):
    # Only the variables made for tests count: a suite must never touch a real database.
    if _value := os.environ.get(f"TEST_{_variable}"):
        os.environ[_variable] = _value
os.environ.pop("REDIS_SOCKET", None)

from config.settings import *  # noqa: E402, F403
from config.settings import CACHES, DATABASES, STORAGES, SUB_PATH  # noqa: E402

# What a request is given to reach PostgreSQL and Redis is promised of the product, not of a machine that runs the
# suite: fifty threads that connect at once may wait for longer where other work shares the cores. Tests of these
# times set them.
DATABASES["default"]["OPTIONS"]["connect_timeout"] = 60
CACHES["default"]["OPTIONS"] = {"socket_timeout": 60, "socket_connect_timeout": 60}

ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
PUBLIC_URL = f"http://testserver{SUB_PATH}"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = STORAGES | {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
PAGES_LIVE = "off"  # no test waits for what its page hears meanwhile, but those of the live pages
WHITENOISE_AUTOREFRESH = WHITENOISE_USE_FINDERS = True  # no collected files to scan
