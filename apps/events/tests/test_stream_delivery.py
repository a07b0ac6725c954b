"""How what waits leaves: at once, in slices, and never more than one part to who reads slowly (contract SR1, SR2)."""

from __future__ import annotations

import asyncio
import json
from functools import partial
from typing import Any
from uuid import UUID

import pytest

from apps.events.stream import delivery, outlet
from apps.events.stream.delivery import Delivery, say
from apps.events.stream.hub import Hub
from apps.events.stream.outlet import Outlet
from apps.events.stream.reading import Credential
from apps.events.stream.subscriber import Subscriber
from apps.sync.state import State


class Connection:
    """Takes what the server is told to send; while it `stalls`, as for a client that does not read."""

    def __init__(self) -> None:
        self.messages: list[Any] = []
        self.reads = asyncio.Event()
        self.reads.set()

    async def send(self, message: Any) -> None:
        self.messages.append(message)
        await self.reads.wait()

    def parts(self) -> list[str]:
        """Return the data of events, and comments as they are."""
        texts = [message["body"].decode().strip() for message in self.messages]
        return [text.partition("data: ")[2] or text for text in texts]


def state(seq: int, user_id: int = 1) -> State:
    return State(user_id=user_id, projects={1: seq}, me="a", epoch=UUID(int=1))


def stream_to(send: Any, user_id: int = 1) -> Subscriber:
    stream = Subscriber(state(0, user_id), Credential("session", user_id))
    stream.outlet = Outlet(send, partial(say, stream))
    return stream


async def a_moment() -> None:
    """Let what was begun go on: before Python 3.12 a push is a task that has not run yet."""
    for _ in range(5):
        await asyncio.sleep(0)


@pytest.fixture(params=["eager", "later"], autouse=True)
def _pushes(request, monkeypatch):
    """Push as each of the supported versions of Python does, as far as this one can."""
    if request.param == "later":
        monkeypatch.setattr(outlet, "_EAGER", {})


def test_sr2_who_reads_slowly_holds_up_nobody_and_is_told_the_newest_alone():
    async def scenario() -> tuple[list[str], list[str], list[str]]:
        slow, quick = Connection(), Connection()
        streams = [stream_to(slow.send), stream_to(quick.send, 2)]
        slow.reads.clear()
        for seq in range(1, 6):
            for stream in streams:
                stream.compare(state(seq, stream.user_id))
            await Delivery(streams).send()
            await a_moment()
        stalled = slow.parts()
        slow.reads.set()
        await a_moment()
        return stalled, slow.parts(), quick.parts()

    stalled, after, quick = asyncio.run(scenario())

    told = ['{"projects":{"1":' + str(seq) + '},"me":false}' for seq in range(1, 6)]
    assert stalled == told[:1]
    assert after == [told[0], told[4]]
    assert quick == told


def test_sr1_who_reads_slowly_is_told_goodbye_when_the_rest_was_read():
    async def scenario() -> tuple[list[str], list[bool], bool]:
        slow = Connection()
        stream = stream_to(slow.send)
        slow.reads.clear()
        stream.compare(state(1))
        say(stream)
        await a_moment()
        stream.end("shutdown")
        say(stream)
        slow.reads.set()
        await asyncio.wait_for(stream.outlet.over, 60)
        await a_moment()
        return slow.parts(), [message["more_body"] for message in slow.messages], stream.outlet.is_busy

    parts, more, is_busy = asyncio.run(scenario())

    assert [json.loads(part) for part in parts] == [{"projects": {"1": 1}, "me": False}, {"reason": "shutdown"}]
    assert more == [True, False]
    assert not is_busy


def test_sr1_who_heard_nothing_for_a_while_gets_a_comment_unless_the_last_one_is_unread(monkeypatch):
    monkeypatch.setattr(delivery, "COMMENT", 0.0)

    async def scenario() -> tuple[list[str], list[str]]:
        slow, quick = Connection(), Connection()
        slow.reads.clear()
        streams = [stream_to(slow.send), stream_to(quick.send, 2)]
        for _ in range(3):
            await Delivery(streams).send()
            await a_moment()
        return slow.parts(), quick.parts()

    assert asyncio.run(scenario()) == ([": still here"], [": still here"] * 3)


@pytest.mark.parametrize("count", [1, 60])
def test_sr2_streams_are_sent_to_in_slices_with_what_is_new_when_their_turn_comes(count, monkeypatch):
    monkeypatch.setattr(delivery, "SLICE", 25)

    async def scenario() -> list[int]:
        connections = [Connection() for _ in range(count)]
        streams = [stream_to(one.send, number) for number, one in enumerate(connections)]
        for stream in streams:
            stream.compare(state(1, stream.user_id))
        sending = asyncio.create_task(Delivery(streams).send())
        await asyncio.sleep(0)  # the first slice has left
        for stream in streams:
            stream.compare(state(2, stream.user_id))
        await sending
        await a_moment()
        return [json.loads(one.parts()[0])["projects"]["1"] for one in connections]

    assert asyncio.run(scenario()) == [1] * min(count, 25) + [2] * max(0, count - 25)


def test_a_client_that_goes_while_it_is_sent_to_ends_its_stream():
    async def gone(message: Any) -> None:
        raise ConnectionResetError

    async def scenario() -> bool:
        stream = stream_to(gone)
        stream.compare(state(1))
        await Delivery([stream]).send()
        await a_moment()
        return stream.outlet.over.done()

    assert asyncio.run(scenario())


def test_sr2_what_was_committed_while_a_stream_was_being_opened_is_looked_for_again():
    async def scenario() -> tuple[bool, bool]:
        hub = Hub()
        stream = stream_to(Connection().send)
        hub.add(stream, looks=hub.looks)
        same = hub.must_look
        hub.looks += 1  # the others were compared after the state of this one was read
        hub.add(stream, looks=hub.looks - 1)
        return same, hub.must_look

    assert asyncio.run(scenario()) == (False, True)
