"""Sets the door of each request by its path."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse

from apps.common.origin import Door, Origin, acting_through, current_door
from apps.common.web.areas import is_api


class OriginMiddleware:
    """Set the door for the time of a request, a streamed answer included."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        with acting_through(_origin_of(request)):
            response = self.get_response(request)
            door = current_door()
        if door.token_id is not None and isinstance(response, StreamingHttpResponse) and not response.is_async:
            chunks: Iterator[bytes] = iter(response.streaming_content)  # type: ignore[arg-type]
            response.streaming_content = _through(door, chunks)
        return response


def _origin_of(request: HttpRequest) -> Origin:
    if is_api(request):
        return Origin.API
    return Origin.ADMIN if request.path_info.startswith("/admin/") else Origin.PAGE


def _through(door: Door, chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Yield the chunks, each made behind the door: what is read late is narrowed as well."""
    while True:
        with acting_through(door):
            chunk = next(chunks, None)
        if chunk is None:
            return
        yield chunk
