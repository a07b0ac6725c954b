"""Looking where a path can be finds what looking everywhere finds."""

import os
import subprocess
import sys

import pytest
from django.conf import settings
from django.core.handlers.wsgi import WSGIRequest
from django.test import RequestFactory
from django.urls import Resolver404, get_resolver

from apps.common.web.request_validation import Utf8Handler
from apps.common.web.routing import LONG, _table, route_of
from apps.common.web.tests.test_url_sweep import ROUTES, address

OTHERS = ["", "/", "//", "api", "/api", "/api/", "/API/tasks/", "/nothing/here/", "/api/nothing/", "/api/tasks", "/x"]
PATHS = [address(route) for route, _ in ROUTES]


def found(resolve, path):
    try:
        match = resolve(path)
    except Resolver404:
        return None
    return match.func, match.args, match.kwargs, match.route, match.view_name, match.captured_kwargs


@pytest.mark.parametrize("change", ["{}", "{}x", "/{}", "{}a/b/", "{}1/"])
def test_every_route_is_found_as_django_finds_it(change):
    paths = [change.format(path) for path in PATHS] + [path.removesuffix("/") for path in PATHS] + OTHERS
    resolver = get_resolver(settings.ROOT_URLCONF)
    expected = {path: found(resolver.resolve, path) for path in paths}
    assert {path: found(lambda path: route_of(path, settings.ROOT_URLCONF), path) for path in paths} == expected
    assert any(expected.values())
    assert not all(expected.values())


def test_a_long_path_is_found_too():
    path = f"/api/projects/1/tasks/by-external/a/{'x' * LONG}/"
    assert route_of(path, settings.ROOT_URLCONF).kwargs["external_id"] == "x" * LONG


def test_few_routes_are_asked():
    def size(resolver):
        return sum(size(each) if hasattr(each, "url_patterns") else 1 for each in resolver.url_patterns)

    parts = _table(settings.ROOT_URLCONF)
    whole = size(get_resolver(settings.ROOT_URLCONF))
    assert {"api/", "api/tasks/", "api/notifications/", "projects/"} <= parts.keys()
    assert size(parts["api/notifications/"]) < whole / 10


def test_a_request_gets_its_own_values_of_a_route_that_is_known():
    handler = Utf8Handler()
    requests = [WSGIRequest(RequestFactory().get(f"/api/tasks/{pk}/").environ) for pk in (1, 2, 1)]
    assert [handler.resolve_request(request).kwargs for request in requests] == [{"pk": "1"}, {"pk": "2"}, {"pk": "1"}]
    assert requests[0].resolver_match.route == "api/tasks/(?P<pk>[0-9]{1,18})/$"


def test_a_route_that_is_known_does_not_keep_those_that_were_tried():
    assert route_of("/api/tasks/12345/comments/", settings.ROOT_URLCONF).tried is None


# What is loaded later is looked through whenever the collector looks at everything, in the middle of a request
LOADED = """
import sys
from config.wsgi import application
from django.conf import settings
from apps.common.web.routing import route_of
before = set(sys.modules)
route_of("/api/tasks/1/", settings.ROOT_URLCONF)
print(sorted(set(sys.modules) - before))
"""


def test_a_web_process_has_loaded_its_views_before_the_first_request():
    argv = [sys.executable, "-c", LOADED]
    done = subprocess.run(argv, cwd=settings.BASE_DIR, env=os.environ, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
