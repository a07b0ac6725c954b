"""Finds the route of a path among those that begin as the path does.

Django asks its routes one after the other, some hundred for a path of the last app. Here the first two segments of a
path choose a small part of the URL map, in the same order, and Django's own resolver searches that part.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from typing import Any

from django.urls import ResolverMatch, URLPattern, URLResolver, get_resolver
from django.urls.resolvers import RegexPattern, RoutePattern

PATHS = 1_024  # whose routes a process knows by heart: lists, mostly
LONG = 100  # characters; longer paths have texts of people in them
SEGMENTS = 2  # of a path, that choose
# What a regular expression says letter by letter, but for a last character that may be repeated or left out
LITERAL = re.compile(r"\^?((?:[\w/-](?![?*+{]))*)")

Route = URLPattern | URLResolver


def route_of(path: str, urlconf: str) -> ResolverMatch:
    """Return what Django's resolver finds for a path; raises Resolver404 as it does. Do not change the match."""
    return _known(path, urlconf) if len(path) <= LONG else _found(path, urlconf)


def load_routes(urlconf: str) -> int:
    """Load the URL map with all views, and return how many beginnings of a path it has.

    Otherwise the first request waits for them, and what they bring comes after the collector of garbage was told to
    leave alone what is loaded: it looked through all of it in the middle of a request, every some thousand requests.
    """
    return len(_table(urlconf))


@lru_cache(maxsize=PATHS)
def _known(path: str, urlconf: str) -> ResolverMatch:
    match = _found(path, urlconf)
    match.tried = None  # some twenty lists of routes that do not fit; only the page of a 404 would name them
    return match


def _found(path: str, urlconf: str) -> ResolverMatch:
    table = _table(urlconf)
    for beginning in reversed(_beginnings(path.removeprefix("/"))):
        if part := table.get(beginning):
            return part.resolve(path)
    return get_resolver(urlconf).resolve(path)


@cache
def _table(urlconf: str) -> dict[str, URLResolver]:
    """Return {beginning of a path: the routes that a path with it can have}."""
    routes = get_resolver(urlconf).url_patterns
    beginnings = {each for text in _literals(routes, "") for each in _beginnings(text)}
    return {each: URLResolver(RegexPattern(r"^/"), list(_fitting(routes, each))) for each in beginnings}


def _beginnings(text: str) -> list[str]:
    """Return the first segment, and the first two, as far as they are whole: `api/` and `api/tasks/`."""
    parts = text.split("/", SEGMENTS)[:-1]
    return ["/".join(parts[: number + 1]) + "/" for number in range(len(parts))]


def _literals(routes: Iterable[Route], before: str) -> Iterator[str]:
    """Yield the text that each route's paths begin with."""
    for route in routes:
        text, is_whole = _literal(route.pattern)
        if is_whole and isinstance(route, URLResolver):
            yield from _literals(route.url_patterns, before + text)
        else:
            yield before + text


def _fitting(routes: Iterable[Route], beginning: str) -> Iterator[Route]:
    """Yield the routes that may have a path with this beginning; of an include, those in it."""
    for route in routes:
        text, is_whole = _literal(route.pattern)
        if is_whole and isinstance(route, URLResolver) and beginning.startswith(text):
            inner = list(_fitting(route.url_patterns, beginning.removeprefix(text)))
            if inner:
                yield URLResolver(route.pattern, inner, route.default_kwargs, route.app_name, route.namespace)
        elif text.startswith(beginning) or beginning.startswith(text):
            yield route


def _literal(pattern: Any) -> tuple[str, bool]:
    """Return the text that all paths of a pattern begin with, and whether that is the pattern."""
    given = str(pattern)
    if isinstance(pattern, RoutePattern):
        text = given.partition("<")[0]
        return text, text == given
    if isinstance(pattern, RegexPattern) and "|" not in given and given.startswith("^"):
        found = LITERAL.match(given)
        text = found[1] if found else ""
        return text, given == f"^{text}"
    return "", given == ""
