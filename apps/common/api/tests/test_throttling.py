"""Limits hold under parallel requests, and a dead or frozen Redis costs next to nothing."""

import time
from types import SimpleNamespace

import pytest
from django.conf import settings as django_settings
from django.core.cache import caches

from apps.common.api import rates
from apps.common.api.rates import seconds_to_wait
from apps.common.background.breaker import Breaker, redis_breaker
from apps.common.redis_client import redis_client
from apps.common.tests.races import at_once, statuses
from scripts.local.slowness import slowness
from scripts.local.stack import Stack

URL = "/api/cards/999/"


@pytest.fixture(autouse=True)
def _rates(settings):
    settings.THROTTLE_RATES = django_settings.THROTTLE_RATES | {"board": "5/60"}
    redis_breaker.succeeded()
    yield
    redis_breaker.succeeded()


@pytest.mark.urls("apps.common.tests.sample_api")
def test_over_the_limit_is_a_429_that_says_when_to_come_again(api, owner):
    answers = [api(owner).delete(URL) for _ in range(6)]

    assert [answer.status_code for answer in answers] == [404] * 5 + [429]
    assert answers[-1].json()["code"] == "rate_limited"
    assert 1 <= int(answers[-1]["Retry-After"]) <= 12


@pytest.mark.urls("apps.common.tests.sample_api")
def test_another_user_and_another_action_have_limits_of_their_own(api, owner, outsider):
    for _ in range(6):
        api(owner).delete(URL)

    assert api(outsider).delete(URL).status_code == 404
    assert api(owner).get(URL).status_code == 404


def test_reading_ones_profile_is_no_write(api, owner, settings):
    settings.THROTTLE_RATES = settings.THROTTLE_RATES | {"write": "1/60"}
    client = api(owner)

    assert [client.patch("/api/auth/profile/", {}).status_code for _ in range(2)] == [200, 429]
    assert client.get("/api/auth/profile/").status_code == 200


@pytest.mark.urls("apps.common.tests.sample_api")
@pytest.mark.django_db(transaction=True)
def test_of_fifty_at_once_exactly_five_pass(api, owner):
    passed = []
    for _ in range(5):
        caches["default"].clear()
        answers = statuses(at_once(*[lambda: api(owner).delete(URL) for _ in range(50)]))
        passed.append(answers.count(404))

    print(f"throttle 5/min: 50 parallel x5, passed {passed}")
    assert passed == [5] * 5


def test_the_limit_refills_by_and_by(settings):
    settings.THROTTLE_RATES = {"quick": "2/4"}
    first = [seconds_to_wait("quick", "me") for _ in range(3)]
    time.sleep(first[2] + 0.01)

    assert first[:2] == [0, 0]
    assert 0 < first[2] <= 2
    assert seconds_to_wait("quick", "me") == 0
    assert seconds_to_wait("quick", "me") > 0


@pytest.fixture
def own_redis(settings, tmp_path_factory):
    """A server of this test's own, to be killed and frozen."""
    with Stack(tmp_path_factory.mktemp("redis"), postgres=False) as stack:
        times = {"socket_timeout": settings.REDIS_TIMEOUT, "socket_connect_timeout": settings.REDIS_TIMEOUT}
        own = {"LOCATION": f"unix://{stack.places.valkey_socket}", "OPTIONS": times}
        settings.CACHES = {"default": django_settings.CACHES["default"] | own}
        rates._script.cache_clear()
        redis_client.cache_clear()
        yield stack.valkey
        if stack.valkey.process:
            stack.valkey.thaw()
    rates._script.cache_clear()
    redis_client.cache_clear()


def wait():
    return seconds_to_wait("board", "me")


@pytest.fixture
def asked(own_redis, monkeypatch):
    """A list that grows with each question to Redis; the breaker stays open for longer than any machine needs."""
    found, script = [], rates._script

    def counted():
        found.append("asked")
        return script()

    with monkeypatch.context() as patch:  # ends before `own_redis`, which clears what the script keeps
        patch.setattr(rates, "_script", counted)
        patch.setattr(redis_breaker, "seconds", 3_600)
        yield found


@pytest.mark.parametrize("harm", ["freeze", "kill"])
def test_without_redis_everything_passes_and_only_the_first_waits(own_redis, harm, asked, caplog):
    assert wait() == 0
    getattr(own_redis, harm)()
    asked.clear()
    before = slowness()
    began = time.monotonic()

    first, seconds = wait(), time.monotonic() - began
    others = [wait() for _ in range(19)]
    if harm == "kill":
        own_redis.process = None

    assert [first, *others] == [0] * 20
    assert seconds < 1 * max(before, slowness())
    assert asked == ["asked"]  # so nobody waits again
    assert redis_breaker.is_open
    assert len([record for record in caplog.records if "going on without it" in record.message]) == 1


def test_redis_that_answers_again_counts_again(own_redis):
    own_redis.freeze()
    wait()
    own_redis.thaw()
    redis_breaker.succeeded()  # what the ten seconds do

    waits = [wait() for _ in range(6)]

    assert waits[:4] == [0] * 4  # the frozen server may have counted the first
    assert waits[5] > 0


def test_a_script_that_the_server_forgot_is_loaded_again(own_redis):
    wait()
    own_redis.command("SCRIPT", "FLUSH")

    assert wait() == 0
    assert not redis_breaker.is_open


def test_a_breaker_closes_after_its_time(monkeypatch):
    clock = [100.0]
    monkeypatch.setattr("apps.common.background.breaker.time", SimpleNamespace(monotonic=lambda: clock[0]))
    breaker = Breaker("Something", seconds=0.5)
    breaker.failed(OSError("away"))

    assert breaker.is_open
    clock[0] += 0.49
    assert breaker.is_open
    clock[0] += 0.02
    assert not breaker.is_open
