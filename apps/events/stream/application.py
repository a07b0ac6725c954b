"""The ASGI application of the stream process."""

from __future__ import annotations

import asyncio
import io
import logging
from collections.abc import Awaitable, Callable, MutableMapping
from functools import partial
from typing import Any

from corsheaders.middleware import CorsMiddleware
from django.conf import settings
from django.core.handlers.asgi import ASGIRequest
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from rest_framework.request import Request
from rest_framework.response import Response

from apps.common.errors import DomainError, ForbiddenError, RateLimitedError
from apps.common.lists.filters import require_known_parameters
from apps.common.monitoring.metrics import stream_connections
from apps.common.monitoring.request_id import RequestIdMiddleware, request_id_of
from apps.common.origin import current_door
from apps.common.web.security_headers import SecurityHeadersMiddleware
from apps.events.stream import process, wire
from apps.events.stream.delivery import say
from apps.events.stream.hub import Hub
from apps.events.stream.outlet import Outlet, Send
from apps.events.stream.reading import Credential
from apps.events.stream.subscriber import Subscriber
from apps.events.stream_views import RETRY_AFTER, PageStreamView, StreamView, unavailable
from apps.sync.state import states_of
from apps.users.models import Session

logger = logging.getLogger("taskhouse.stream")

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Headers = list[tuple[bytes, bytes]]

SIGNAL = 0.25  # seconds between two looks whether the process is to end
HEADERS = {
    "Content-Type": "text/event-stream",
    "Cache-Control": "no-store",
    "X-Accel-Buffering": "no",
    "X-Content-Type-Options": "nosniff",
}
VIEWS: dict[str, type[StreamView]] = {"/api/events/stream/": StreamView, "/events/stream/": PageStreamView}


class Opened(HttpResponse):
    """The beginning of a stream: its headers, and whose it is."""

    def __init__(self, stream: Subscriber) -> None:
        super().__init__(headers=HEADERS)
        self.stream = stream


class StreamApplication:
    """Serves the routes of the stream and `/health/`; `is_stopping` says that the server was asked to end."""

    def __init__(self, is_stopping: Callable[[], bool] = lambda: False) -> None:
        self.hub = Hub()
        self.is_stopping = is_stopping
        self._watch: asyncio.Task[None] | None = None

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        elif scope["type"] == "http":
            await self._answer(scope, receive, send)

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                self.hub.start()
                self._watch = asyncio.create_task(self._end_when_asked())
                await send({"type": "lifespan.startup.complete"})
            else:
                if not self.hub.is_stopping:
                    await self.hub.stop()
                await send({"type": "lifespan.shutdown.complete"})
                return

    async def _end_when_asked(self) -> None:
        """End the streams as soon as the server is asked to: it would wait for them first."""
        while not self.is_stopping():
            await asyncio.sleep(SIGNAL)
        await self.hub.stop()

    async def _answer(self, scope: Message, receive: Receive, send: Send) -> None:
        path = scope["path"].removeprefix(settings.SUB_PATH)
        if path in process.ROUTES:
            await _send_whole(send, await process.ROUTES[path](self.hub, scope))
            return
        looks = self.hub.looks
        answer, stream = await self._begin(scope, path)
        if stream is None:
            await _send_whole(send, answer)
            return
        headers = _headers(answer)
        del answer, scope  # a stream lasts for hours: nothing of its request stays in memory
        await self._stream(stream, headers, receive, send, looks=looks)

    async def _begin(self, scope: Message, path: str) -> tuple[HttpResponseBase, Subscriber | None]:
        """Return the beginning of an answer, with the stream of the caller unless it is a rejection."""
        view = VIEWS.get(path, StreamView)()
        opened = await self.hub.ask(self._open, view, scope, path in VIEWS)
        if isinstance(opened, Opened):
            opened = self._admitted(view, opened)
        return opened, opened.stream if isinstance(opened, Opened) else None

    def _open(self, view: StreamView, scope: Message, is_known: bool) -> HttpResponseBase:
        """Return the stream of the caller, or the rejection, with the headers that every answer has."""

        def answer(http: HttpRequest) -> HttpResponseBase:
            return self._answer_of(view, http, is_known)

        http = ASGIRequest(dict(scope), io.BytesIO())
        return RequestIdMiddleware(SecurityHeadersMiddleware(_cors(answer)))(http)

    def _answer_of(self, view: StreamView, http: HttpRequest, is_known: bool) -> HttpResponseBase:
        view.setup(http)
        request = view.initialize_request(http)
        view.request, view.headers = request, {}
        try:
            http.get_host()
            require_https(http)
            if not is_known:
                raise Http404
            view.initial(request)
            if request.method != "GET":
                view.http_method_not_allowed(request)
            require_known_parameters(request, {"ticket"})
            return Opened(self._subscriber(request))
        except Exception as error:  # noqa: BLE001 - a bug is a 500 that is logged, as everywhere
            return _rendered(view, self._rejection(view, error))

    def _admitted(self, view: StreamView, opened: Opened) -> HttpResponseBase:
        """Return the stream, or the rejection where there are too many; on the loop, which alone counts them."""
        try:
            self._require_room(opened.stream.user_id)
        except DomainError as error:
            with request_id_of(opened["X-Request-ID"]):
                rejected = _rendered(view, view.handle_exception(error))
            for name, value in opened.items():
                rejected.headers.setdefault(name, value)
            return rejected
        return opened

    def _rejection(self, view: StreamView, error: Exception) -> Any:
        try:
            return view.handle_exception(error)
        except Exception:
            logger.exception("A stream could not be opened")
            return view.handle_exception(unavailable())

    def _subscriber(self, request: Request) -> Subscriber:
        """Return what the caller may see, to be compared from now on; the limits are looked at before it is opened."""
        user: Any = request.user
        state = states_of([user.pk])[user.pk]
        projects = current_door().projects  # those of an API token
        return Subscriber(
            state,
            Credential("session" if isinstance(request.auth, Session) else "token", request.auth.pk),
            only=None if projects is None else frozenset(projects),
            last_id=request.headers.get("Last-Event-ID", ""),
        )

    def _require_room(self, user_id: int) -> None:
        if self.hub.is_stopping or len(self.hub.streams) >= settings.STREAM_MAX:
            raise unavailable()
        if self.hub.count_of(user_id) >= settings.STREAMS_PER_PERSON:
            limit = settings.STREAMS_PER_PERSON
            raise RateLimitedError(
                f"You have {limit} streams open already.", code="too_many_streams", retry_after=RETRY_AFTER
            )

    async def _stream(self, stream: Subscriber, headers: Headers, receive: Receive, send: Send, *, looks: int) -> None:
        """Keep the stream until the client goes or it ends; the hub sends what changes."""
        stream.outlet = Outlet(send, partial(say, stream))
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        stream.outlet.push(wire.RETRY + wire.hello(stream.state))
        self.hub.add(stream, looks=looks)
        stream_connections.set(len(self.hub.streams))
        gone = asyncio.create_task(_disconnected(receive))
        gone.add_done_callback(lambda _: stream.outlet.end())
        try:
            await stream.outlet.over
        finally:
            self.hub.streams.discard(stream)
            stream_connections.set(len(self.hub.streams))
            gone.cancel()
            stream.outlet.close()


def _rendered(view: StreamView, response: Response) -> HttpResponseBase:
    answer: HttpResponseBase = view.finalize_response(view.request, response).render()
    return answer


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _send_whole(send: Send, answer: HttpResponseBase) -> None:
    body: bytes = answer.content  # type: ignore[attr-defined]
    headers = [*_headers(answer), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": answer.status_code, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _headers(answer: HttpResponseBase) -> Headers:
    named = ((name.lower(), value) for name, value in answer.items())
    return [(name.encode(), value.encode("latin-1")) for name, value in named if name != "content-length"]


def _cors(answer: Callable[[HttpRequest], HttpResponseBase]) -> Callable[[HttpRequest], HttpResponseBase]:
    """Return `answer` with CORS as for the rest of the API: preflights of its origins, and readable answers."""
    return CorsMiddleware(answer)  # type: ignore[return-value]  # not a coroutine, since `answer` is none


def require_https(request: HttpRequest) -> None:
    """Raise `https_required` over plain http, where the installation is for https."""
    if settings.SECURE_SSL_REDIRECT and not request.is_secure():
        raise ForbiddenError("Call the API over https.", code="https_required")
