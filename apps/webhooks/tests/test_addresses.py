"""Which addresses webhooks may be sent to: at saving, and at each attempt."""

from __future__ import annotations

import socket

import pytest

from apps.common.errors import ValidationError
from apps.webhooks import addresses
from apps.webhooks.addresses import read_url, require_allowed
from apps.webhooks.delivering.sending import send
from apps.webhooks.models import Delivery, Webhook

CLOSED = [
    "127.0.0.1", "127.1", "2130706433", "0x7f000001", "0x7f.0.0.1", "0177.0.0.1", "0.0.0.0", "0", "10.1.2.3",
    "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "192.0.0.1", "198.18.0.1", "224.0.0.1", "240.0.0.1",
    "255.255.255.255", "[::1]", "[::]", "[::ffff:10.0.0.1]", "[::ffff:a00:1]", "[::10.0.0.1]", "[fe80::1]", "[fc00::1]",
    "[fd12::1]", "[ff02::1]", "[fec0::1]", "[2002:7f00:1::]", "[2002:a00:1::1]", "[64:ff9b::10.0.0.1]",
    "[64:ff9b:1::1]", "[2001:db8::1]", "[2001:0:4136:e378:8000:63bf:3fff:fdd2]", "localhost", "①②⑦.0.0.1",
    "[::ffff:0:10.0.0.1]", "[::ffff:0:7f00:1]", "[1::1]", "[200::1]", "[4000::1]", "[5f00::1]", "[100::1]",
    "[2600::5efe:10.0.0.1]", "[2600::200:5efe:7f00:1]",
]  # fmt: skip


@pytest.fixture(autouse=True)
def _nothing_is_open(settings):
    settings.WEBHOOK_ALLOW_HTTP = False
    settings.WEBHOOK_ALLOWED_NETWORKS = settings.WEBHOOK_ALLOWED_HOSTS = []


def fault(url):
    with pytest.raises(ValidationError) as error:
        require_allowed(url)
    (found,) = error.value.errors
    return found.pointer, found.code, found.detail


@pytest.mark.parametrize("host", CLOSED)
def test_wh9_what_is_not_global_is_rejected_in_any_notation(host):
    pointer, code, detail = fault(f"https://{host}:8443/hook")

    assert (pointer, code) == ("/url", "address_not_allowed")
    assert "WEBHOOK_ALLOWED_NETWORKS" in detail


@pytest.mark.parametrize("host", CLOSED)
def test_wh9_at_an_attempt_the_same_is_blocked(host):
    answer = send(f"https://{host}:8443/hook", {}, b"{}")

    assert (answer.is_blocked, answer.code) == (True, None)


@pytest.mark.parametrize(
    "url",
    [
        "https://u:p@192.0.43.8/", "https://u@192.0.43.8/", "https://192.0.43.8/#x", "https://192.0.43.8/#", "ftp://192.0.43.8/",
        "https:///x", "https://", "192.0.43.8", "https://192.0.43.8:99999/", "https://192.0.43.8:0/",
        "https://192.0.43.8/a b", "https://192.0.43.8/ü",
        "https://[::1/", "https://192.0.43.8/\x00",
    ],
)  # fmt: skip
def test_wh9_user_password_fragment_and_nonsense_are_invalid(url):
    assert fault(url)[:2] == ("/url", "invalid")


def test_wh9_http_needs_a_setting_which_the_error_names(settings):
    assert fault("http://192.0.43.8/")[1] == "address_not_allowed"
    assert "WEBHOOK_ALLOW_HTTP" in fault("http://192.0.43.8/")[2]
    settings.WEBHOOK_ALLOW_HTTP = True
    require_allowed("http://192.0.43.8/")


@pytest.mark.parametrize(
    "url", ["https://192.0.43.8/", "https://[2606:2800:21f:cb07:6820:80da:af6b:8b2c]/", "https://nobody.invalid/"]
)
def test_wh9_public_addresses_and_unknown_names_can_be_saved(url):
    require_allowed(url)


def test_wh9_the_allow_list_opens_exactly_what_it_names(settings):
    settings.WEBHOOK_ALLOWED_NETWORKS = ["10.1.0.0/16", "fd00::/8"]
    for host in ("10.1.2.3", "[::ffff:10.1.2.3]", "[fd12::1]"):
        require_allowed(f"https://{host}/")
    for host in ("10.2.0.1", "127.0.0.1", "[fe80::1]"):
        assert fault(f"https://{host}/")[1] == "address_not_allowed"
    settings.WEBHOOK_ALLOWED_NETWORKS, settings.WEBHOOK_ALLOWED_HOSTS = [], ["LocalHost"]
    require_allowed("https://localhost:9000/")
    assert fault("https://127.0.0.1/")[1] == "address_not_allowed"


def test_wh9_one_address_of_several_that_is_not_allowed_is_enough(monkeypatch):
    found = [(socket.AF_INET, 1, 6, "", (address, 443)) for address in ("192.0.43.8", "10.0.0.1")]
    monkeypatch.setattr(addresses.socket, "getaddrinfo", lambda *_, **__: found)

    assert fault("https://mixed.example/")[1] == "address_not_allowed"


def test_wh9_the_connection_goes_to_the_address_that_was_checked(monkeypatch, settings, receiver):
    settings.WEBHOOK_ALLOW_HTTP, settings.WEBHOOK_ALLOWED_NETWORKS = True, ["127.0.0.1/32"]
    port, asked = receiver.server.server_port, []

    def rebinding(host, number, *_, **__):
        """A name that leads elsewhere at the second look: there nobody listens."""
        asked.append(host)
        return [
            (
                socket.AF_INET,
                1,
                6,
                "",
                ("127.0.0.1" if host != "rebound.example" or len(asked) == 1 else "10.0.0.1", number),
            )
        ]

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    answer = send(f"http://rebound.example:{port}/x", {"content-type": "application/json"}, b"{}")

    assert answer.code == 204
    assert asked.count("rebound.example") == 1
    assert receiver.got[0].headers["host"] == f"rebound.example:{port}"


def test_wh9_proxies_of_the_environment_are_not_asked(monkeypatch, settings, receiver):
    settings.WEBHOOK_ALLOW_HTTP, settings.WEBHOOK_ALLOWED_NETWORKS = True, ["127.0.0.0/8"]
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")

    assert send(receiver.url, {}, b"{}").code == 204


def test_wh9_certificates_are_verified(settings, receiver):
    """The receiver speaks no TLS at all: nothing that https asks for is sent without it."""
    settings.WEBHOOK_ALLOWED_NETWORKS = ["127.0.0.0/8"]

    answer = send(receiver.url.replace("http:", "https:"), {}, b"{}")

    assert answer.code is None
    assert answer.error == "No secure connection (TLS) could be made."
    assert receiver.got == []


@pytest.mark.django_db
def test_wh9_an_address_that_is_no_longer_allowed_is_blocked_not_retried_and_counts_as_a_failure(
    settings, hook_to_loopback, run, receiver, task, owner
):
    from apps.tasks.services import update_task

    update_task(actor=owner, task=task, changes={"title": "Renamed"})
    settings.WEBHOOK_ALLOWED_NETWORKS = []

    run()

    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.attempts, receiver.got) == ("blocked", 1, [])
    assert "WEBHOOK_ALLOWED_HOSTS" in delivery.error
    assert Webhook.objects.get().failing_since is not None


@pytest.fixture
def hook_to_loopback(settings, hook):
    settings.WEBHOOK_ALLOW_HTTP, settings.WEBHOOK_ALLOWED_NETWORKS = True, ["127.0.0.0/8"]
    return hook(events=["task.updated"])


@pytest.mark.django_db
def test_wh9_the_api_answers_at_url(api, owner, project):
    answer = api(owner).post(
        f"/api/projects/{project.pk}/webhooks/", {"url": "https://169.254.169.254/latest", "events": ["*"]}
    )

    assert answer.status_code == 400
    assert [(error["pointer"], error["code"]) for error in answer.json()["errors"]] == [("/url", "address_not_allowed")]


def test_a_host_is_kept_in_ascii():
    assert read_url("https://straße.example/x").host == "xn--strae-oqa.example"
