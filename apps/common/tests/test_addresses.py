"""Contract 8, proxies: the client's address in every form that gateways send it, and every rule that reads it."""

import pytest
from django.conf import settings as django_settings
from django.test import Client

from apps.common.addresses import client_address, client_network
from apps.common.background.breaker import redis_breaker
from apps.users.models import LoginFailure, Session
from apps.users.tests.factories import PASSWORD

PROXY = "10.0.0.1"
FORMS = {
    "203.0.113.7": "203.0.113.7",
    "203.0.113.7:54321": "203.0.113.7",
    " 203.0.113.7:54321 ": "203.0.113.7",
    '"203.0.113.7:54321"': "203.0.113.7",
    "203.0.113.7:": "203.0.113.7",
    "2001:DB8::1": "2001:db8::1",
    "2001:db8:0:0:0:0:0:1": "2001:db8::1",
    "[2001:db8::1]": "2001:db8::1",
    "[2001:db8::1]:443": "2001:db8::1",
    '"[2001:db8::1]:443"': "2001:db8::1",
    "fe80::1%eth0": "fe80::1",
    "[fe80::1%25eth0]:443": "fe80::1",
    "::ffff:203.0.113.7": "203.0.113.7",
    "[::ffff:203.0.113.7]:443": "203.0.113.7",
    "::ffff:cb00:7107": "203.0.113.7",
}
NONE = ["", "unknown", "_hidden", "not an address", "203.0.113", "203.0.113.7.9:1", "[2001:db8::1", "[]:443", "[x]:1",
        "203.0.113.7:54321:9", "256.1.1.1:80", "010.0.0.9", "unix:", "203.0.113.7 54321", "\u0662\u0660\u0663.0.113.7",
        "for=203.0.113.7", "%", ":443", "[203.0.113.7]x"]  # fmt: skip


def asked(rf, header, socket=PROXY, **meta):
    return client_address(rf.get("/", REMOTE_ADDR=socket, HTTP_X_FORWARDED_FOR=header, **meta))


@pytest.mark.parametrize(("header", "expected"), FORMS.items())
@pytest.mark.parametrize("others", ["", "198.51.100.9:1, ", "unknown, [::1]:2, "])
def test_real_case_13_ports_brackets_and_zones_are_no_part_of_the_address(rf, settings, header, expected, others):
    settings.NUM_PROXIES = 1

    assert asked(rf, others + header) == expected


@pytest.mark.parametrize("header", NONE)
def test_real_case_13_what_is_no_address_is_the_proxys(rf, settings, header):
    settings.NUM_PROXIES = 1

    assert asked(rf, header) == PROXY


@pytest.mark.parametrize(
    ("proxies", "header", "expected"),
    [
        (None, "1.2.3.4", PROXY),
        (0, "1.2.3.4", PROXY),
        (1, "6.6.6.6, 1.2.3.4", "1.2.3.4"),
        (2, "6.6.6.6, 1.2.3.4:99, 10.9.9.9:1", "1.2.3.4"),
        (2, "1.2.3.4", PROXY),
    ],
)
def test_only_as_many_hops_are_trusted_as_there_are_proxies(rf, settings, proxies, header, expected):
    settings.NUM_PROXIES = proxies

    assert asked(rf, header) == expected


@pytest.mark.parametrize(
    ("socket", "expected"),
    [("::ffff:203.0.113.7", "203.0.113.7"), ("fe80::1%eth0", "fe80::1"), ("", "0.0.0.0"), ("::1", "::1")],
)
def test_the_sockets_own_address_is_read_in_the_same_way(rf, settings, socket, expected):
    settings.NUM_PROXIES = 0

    assert asked(rf, "1.2.3.4", socket=socket) == expected


def test_forwarded_and_its_kin_are_never_believed(rf, settings):
    settings.NUM_PROXIES = 1
    lies = {f"HTTP_{name}": "6.6.6.6" for name in ("FORWARDED", "X_REAL_IP", "X_CLIENT_IP", "TRUE_CLIENT_IP")}

    assert asked(rf, "", **lies, HTTP_CF_CONNECTING_IP="6.6.6.6") == PROXY
    assert asked(rf, "1.2.3.4", **lies) == "1.2.3.4"


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8::1", "2001:db8::"),
        ("2001:db8::ffff:1", "2001:db8::"),
        ("2001:db8:0:1::1", "2001:db8:0:1::"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
    ],
)
def test_a_limit_counts_an_ipv6_network_as_one_client(address, network):
    assert client_network(address) == network


AZURE = "203.0.113.7:54321"


@pytest.fixture
def behind_a_gateway(settings):
    redis_breaker.succeeded()
    settings.NUM_PROXIES = 1
    return settings


def log_in(api, owner, address, password=PASSWORD):
    body = {"username": owner.username, "password": password}
    return api().post("/api/auth/login/", body, headers={"X-Forwarded-For": address})


def test_real_case_13_a_session_shows_the_clients_address(api, owner, behind_a_gateway):
    assert log_in(api, owner, AZURE).status_code == 200

    assert Session.objects.get().ip_address == "203.0.113.7"


def test_real_case_13_the_lock_out_counts_the_client_whatever_its_port(api, owner, behind_a_gateway):
    answers = [log_in(api, owner, f"203.0.113.7:{port}", "wrong").status_code for port in range(50_000, 50_006)]

    assert answers == [401] * 5 + [429]
    assert LoginFailure.objects.get().ip_address == "203.0.113.7"
    assert log_in(api, owner, "[2001:db8::1]:443").status_code == 200


def test_real_case_13_a_throttle_counts_each_client_by_itself(api, owner, behind_a_gateway):
    behind_a_gateway.THROTTLE_RATES = django_settings.THROTTLE_RATES | {"login": "1/60"}

    assert log_in(api, owner, "203.0.113.7:1").status_code == 200
    assert log_in(api, owner, "203.0.113.7:2").status_code == 429
    assert log_in(api, owner, "203.0.113.8:1").status_code == 200
    assert log_in(api, owner, "[2001:db8::1]:1").status_code == 200
    assert log_in(api, owner, "[2001:db8::2]:2").status_code == 429


def test_real_case_13_the_admins_login_counts_the_client_too(db, staff, behind_a_gateway):
    form = {"username": staff.username, "password": "wrong"}

    for port in range(5):
        Client().post("/admin/login/", form, headers={"X-Forwarded-For": f"[2001:db8::{port}]:{port}"})

    failure = LoginFailure.objects.get()
    assert (failure.ip_address, failure.count) == ("2001:db8::", 5)
