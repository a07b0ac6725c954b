"""Connections to receivers are kept, and neither an event nor the check of its address gets lost on them."""

from __future__ import annotations

import socket
import struct
import threading
from contextlib import contextmanager

import pytest

from apps.common.background import leases
from apps.projects.models import Activity
from apps.tasks.services import update_task
from apps.webhooks import addresses
from apps.webhooks.delivering import attempts, connections, sending
from apps.webhooks.delivering.connections import CheckedHTTP, Connections
from apps.webhooks.delivering.sending import send
from apps.webhooks.fan_out import fan_out
from apps.webhooks.models import Delivery
from apps.webhooks.tests.receiver import Receiver, dripping
from apps.webhooks.tests.tls import certificate

ANSWER = b"HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n"
RESET = struct.pack("ii", 1, 0)  # of SO_LINGER: closing resets


@pytest.fixture
def receiver():
    made = Receiver(keeps=True)
    yield made
    made.close()


@pytest.fixture
def kept():
    with Connections() as made:
        yield made


@contextmanager
def scripted(*steps):
    """Yield the URL of a receiver that gives each connection that it accepts to the next of `steps`, and what came."""
    came = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def work():
            for step in steps:
                line, _ = server.accept()
                with line:
                    step(line, came)

        thread = threading.Thread(target=work, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/", came
        server.setblocking(False)
        with pytest.raises(BlockingIOError):  # and nobody else has come
            server.accept()


def read_request(line, came):
    text = b""
    while not text.endswith(b"{}"):
        text += line.recv(65_536)
    came.append(text)


def test_wh9_a_connection_is_kept_for_what_goes_to_the_same_receiver_next(kept, receiver):
    for number in range(3):
        assert send(f"{receiver.url}&n={number}", {}, b"{}", connections=kept).code == 204

    assert [got.path for got in receiver.got] == [f"/hook?x=1&n={number}" for number in range(3)]
    assert len({got.port for got in receiver.got}) == 1


@pytest.mark.django_db
def test_wh6_events_of_one_webhook_share_as_many_connections_as_are_under_way(hook, run, receiver, task, owner):
    hook(events=["task.updated"])
    for number in range(12):
        update_task(actor=owner, task=task, changes={"title": f"Title {number}"})

    run()

    wanted = sorted(str(each.event_id) for each in Activity.objects.filter(type="task.updated"))
    assert sorted(got.headers["webhook-id"] for got in receiver.got) == wanted
    assert len({got.port for got in receiver.got}) <= 5
    assert set(Delivery.objects.values_list("state", "attempts")) == {("sent", 1)}


def connections_for_two(kept, *, hang_up):
    """Send twice to a receiver that answers and then hangs up; return how many connections it got."""
    has_hung_up = threading.Event()

    def once(line, came):
        read_request(line, came)
        line.sendall(ANSWER)
        hang_up(line)
        has_hung_up.set()

    with scripted(once, once) as (url, came):
        for _ in range(2):
            has_hung_up.clear()
            assert send(url, {}, b"{}", connections=kept).code == 204
            assert has_hung_up.wait(60)
    return len(came)


def test_wh1_a_receiver_that_hangs_up_while_a_connection_is_kept_gets_the_next_event_over_another(kept):
    assert connections_for_two(kept, hang_up=socket.socket.close) == 2


def test_wh1_one_that_hangs_up_just_before_anything_was_sent_gets_it_over_another(kept, monkeypatch):
    """The look at the connection came too early: its answer is made up here, the reset is a real one."""
    monkeypatch.setattr(CheckedHTTP, "is_connected", property(lambda self: self.sock is not None))

    def reset(line):
        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        line.close()

    assert connections_for_two(kept, hang_up=reset) == 2


def test_wh5_one_that_hangs_up_once_something_was_sent_has_failed_and_gets_nothing_twice_unsaid(kept):
    def twice(line, came):
        read_request(line, came)
        line.sendall(ANSWER)
        read_request(line, came)

    with scripted(twice) as (url, came):
        assert send(url, {}, b"{}", connections=kept).code == 204
        answer = send(url, {}, b"{}", connections=kept)

    assert (answer.code, answer.is_success, answer.is_blocked) == (None, False, False)
    assert answer.error == "The receiver closed the connection before it had answered."
    assert len(came) == 2


def test_wh9_a_kept_connection_is_checked_as_a_new_one_is(kept, receiver, settings):
    assert send(receiver.url, {}, b"{}", connections=kept).code == 204
    settings.WEBHOOK_ALLOWED_NETWORKS = []

    assert send(receiver.url, {}, b"{}", connections=kept).is_blocked
    assert len(receiver.got) == 1


def test_wh9_a_name_that_leads_elsewhere_now_gets_no_kept_connection(kept, receiver, monkeypatch):
    places = ["127.0.0.1", "127.0.0.1", "127.0.0.2", "10.0.0.1"]

    def rebinding(host, number, *_, **__):
        return [(socket.AF_INET, 1, 6, "", (places.pop(0), number))]

    class Lookups:
        getaddrinfo, SOCK_STREAM = staticmethod(rebinding), socket.SOCK_STREAM

    monkeypatch.setattr(addresses, "socket", Lookups)
    url = f"http://rebound.example:{receiver.server.server_port}/"
    same, again, elsewhere, inside = (send(url, {}, b"{}", connections=kept) for _ in range(4))

    assert (same.code, again.code, elsewhere.code) == (204, 204, None)  # nobody listens at 127.0.0.2
    assert elsewhere.error == "The receiver refused the connection."
    assert inside.is_blocked
    assert len({got.port for got in receiver.got}) == 1
    assert len(receiver.got) == 2


def test_a_connection_that_was_idle_for_too_long_is_not_used_again(kept, receiver, monkeypatch):
    monkeypatch.setattr(connections, "IDLE_SECONDS", 0.0)

    for _ in range(3):
        assert send(receiver.url, {}, b"{}", connections=kept).code == 204

    assert len({got.port for got in receiver.got}) == 3


def test_wh6_a_body_that_drips_over_a_kept_connection_is_cut(kept, receiver, monkeypatch):
    is_over = threading.Event()
    receiver.answers = [204, dripping(is_over.is_set), 204]
    assert send(receiver.url, {}, b"{}", connections=kept).code == 204
    monkeypatch.setattr(sending, "WHOLE_SECONDS", 0.5)

    answer = send(receiver.url, {}, b"{}", connections=kept)
    is_over.set()
    monkeypatch.undo()

    assert (answer.code, answer.is_success) == (200, False)
    assert "not complete" in answer.error
    assert receiver.got[0].port == receiver.got[1].port


def test_wh6_an_answer_that_is_longer_than_what_is_read_ends_its_connection(kept, receiver):
    def long(handler):
        handler.send_response(200)
        handler.send_header("Content-Length", "100000")
        handler.end_headers()
        handler.wfile.write(b"x" * 100_000)

    receiver.answers = [long, 204]
    first, second = (send(receiver.url, {}, b"{}", connections=kept) for _ in range(2))

    assert (first.code, first.body, second.code) == (200, "x" * 2_048, 204)
    assert receiver.got[0].port != receiver.got[1].port


def test_wh9_over_tls_a_connection_is_kept_for_the_name_of_the_certificate_alone(kept, receiver, settings, monkeypatch):
    settings.WEBHOOK_ALLOWED_HOSTS = ["localhost"]
    with certificate("localhost") as (context, authority):
        receiver.server.socket = context.wrap_socket(receiver.server.socket, server_side=True)
        monkeypatch.setenv("SSL_CERT_FILE", authority)
        url = receiver.url.replace("http:", "https:")
        known = [send(url.replace("127.0.0.1", "localhost"), {}, b"{}", connections=kept) for _ in range(2)]
        other = send(url, {}, b"{}", connections=kept)

    assert [answer.code for answer in known] == [204, 204]
    assert (other.code, other.error) == (None, "The certificate of the receiver is for another name.")
    assert len({got.port for got in receiver.got}) == 1


@pytest.mark.django_db
def test_wh1_a_body_that_cannot_be_made_holds_up_no_other(hook, run, receiver, task, owner, monkeypatch):
    hook(events=["task.updated"])
    for title in ("One", "Two", "Three"):
        update_task(actor=owner, task=task, changes={"title": title})
    bad = Activity.objects.filter(type="task.updated").order_by("seq")[1]
    made = attempts.make_bodies

    def fragile(deliveries, webhooks):
        if any(delivery.event_id == bad.event_id for delivery in deliveries):
            raise LookupError("no words")
        return made(deliveries, webhooks)

    monkeypatch.setattr(attempts, "make_bodies", fragile)
    run()

    states = {row.event_id: (row.state, row.attempts, row.error) for row in Delivery.objects.all()}
    assert states.pop(bad.event_id) == ("pending", 1, "The body could not be made.")
    assert set(states.values()) == {("sent", 1, "")}
    assert len(receiver.got) == 2


@pytest.mark.django_db
def test_wh1_what_another_worker_has_taken_over_is_neither_sent_nor_marked(hook, run, receiver, task, owner):
    hook(events=["task.updated"])
    for title in ("One", "Two"):
        update_task(actor=owner, task=task, changes={"title": title})
    fan_out()
    lost, ours = attempts.QUEUE.model.objects.order_by("pk")
    with leases.held_lease() as lease, leases.held_lease() as other:
        claimed = leases.claim(attempts.QUEUE, lease, limit=2)
        Delivery.objects.filter(pk=lost.pk).update(lease=other)
        requests = attempts.prepare(claimed).requests
        closed = leases.close_all(attempts.QUEUE, claimed, "state = 'sent', finished_at = now()")

    assert [request.delivery.pk for request in requests] == [ours.pk]
    assert closed == {ours.pk}
    lost.refresh_from_db()
    assert (lost.state, lost.lease, lost.request_body) == ("pending", other, "")
