"""Runs callables at the same instant on connections of their own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.db import connection


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """Return what each call returned, or the exception it raised, in order."""
    barrier = threading.Barrier(len(calls))
    results: list[Any] = [None] * len(calls)

    def run(position: int, call: Callable[[], Any]) -> None:
        barrier.wait()
        try:
            results[position] = call()
        except Exception as error:  # noqa: BLE001 - handed to the test
            results[position] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=item) for item in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def in_lanes(*lanes: Iterable[Callable[[], Any]]) -> list[list[Any]]:
    """Run each lane's calls one after the other, the lanes at once; return the results lane by lane.

    Raises what a call raised.
    """
    results = at_once(*[lambda lane=lane: [call() for call in lane] for lane in lanes])
    for result in results:
        if isinstance(result, Exception):
            raise result
    return results


def statuses(results: Sequence[Any]) -> list[int]:
    """Return the sorted status codes; re-raises what a call raised."""
    for result in results:
        if isinstance(result, Exception):
            raise result
    return sorted(result.status_code for result in results)
