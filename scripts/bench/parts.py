"""What each part of the list machinery brings: one process, one thread, with and without it in turn.

    ./scripts/bench/run --parts

Each part is taken away by a setting or by the framework's own class. Requests go through the WSGI application; the two
variants take turns, and the ratio of a pair is what counts. A part that brings less than 5 % of a request goes
(docs/decisions/0070).
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from django.core.handlers.wsgi import WSGIHandler
from django.test import RequestFactory, override_settings

from scripts.bench.operations import Shot

PAIRS = 25
REQUESTS = 40  # per variant in a pair

Patch = Callable[[ExitStack], None]


@dataclass(frozen=True)
class Part:
    """A part by `name`, the requests that show it, and how it is taken away; `path` rewrites the requests instead."""

    name: str
    shots: list[Shot]
    without: Patch = lambda stack: None
    path: Callable[[str], str] = lambda path: path


class Variant:
    """An application that is loaded and asked with a part taken away, or as it is shipped."""

    def __init__(self, without: Patch, tokens: dict[int, str]) -> None:
        self.without, self.tokens = without, tokens
        with self._active():
            self.handler = WSGIHandler()

    def seconds(self, shots: list[Shot], path: Callable[[str], str]) -> float:
        """Ask all `shots` one after the other; return how long that took."""
        environs = [self._environ(shot, path(shot.path)) for shot in shots]
        with self._active():
            began = time.perf_counter()
            for environ in environs:
                self._ask(environ)
            return time.perf_counter() - began

    def _ask(self, environ: dict[str, object]) -> None:
        answer = self.handler(environ, lambda status, headers, exc_info=None, /: lambda data: None)
        b"".join(answer)
        answer.close()
        if not 200 <= answer.status_code < 300:
            raise RuntimeError(f"{environ['PATH_INFO']} answered {answer.status_code}")

    def _environ(self, shot: Shot, path: str) -> dict[str, object]:
        request = RequestFactory().generic(
            shot.method, path, data=shot.json(), content_type="application/json", headers={"Accept": "*/*"}
        )
        return request.environ | {"HTTP_AUTHORIZATION": f"Bearer {self.tokens[shot.user]}", "HTTP_HOST": "127.0.0.1"}

    @contextmanager
    def _active(self) -> Iterator[None]:
        with ExitStack() as stack:
            self.without(stack)
            yield


def compare(parts: list[Part], tokens: dict[int, str]) -> Iterator[str]:
    """Yield a line of a Markdown table for each part: its share of a request, as the median over pairs."""
    shipped = Variant(lambda stack: None, tokens)
    for part in parts:
        other = Variant(part.without, tokens)
        same = lambda path: path  # noqa: E731
        for variant, path in ((shipped, same), (other, part.path)):
            variant.seconds(part.shots[:REQUESTS], path)  # warm
        ratios = []
        for number in range(PAIRS):
            shots = (part.shots * 2)[number * 7 % len(part.shots) :][:REQUESTS]
            ratios.append(other.seconds(shots, part.path) / shipped.seconds(shots, same))
        low, middle, high = (
            (statistics.quantiles(ratios, n=4))[0],
            statistics.median(ratios),
            statistics.quantiles(ratios, n=4)[2],
        )
        yield f"| {part.name} | {middle:.2f} | {low:.2f} to {high:.2f} | {100 * (1 - 1 / middle):.0f} % |"


def parts(lists: list[Shot], one: list[Shot]) -> list[Part]:
    """Return what is compared."""
    orm = lambda path: f"/api/orm{path}"  # noqa: E731
    return [
        Part("prepared reads with JSON from PostgreSQL, a list of 50", lists, path=orm),
        Part("prepared reads with JSON from PostgreSQL, one task", one, path=orm),
        Part("preparing on the server, a list of 50", lists, _no_server_side),
        Part("preparing on the server, one task", one, _no_server_side),
    ]


def _no_server_side(stack: ExitStack) -> None:
    stack.enter_context(override_settings(DB_PREPARE=False))
