"""The shipped settings with two routes more: the empty view and the usual viewset."""

from config.settings import *  # noqa: F403

ROOT_URLCONF = "scripts.bench.plain"
