"""Requests and statements are counted under their route and logged under the request's id."""

from __future__ import annotations

import logging

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import RequestFactory
from django.urls import ResolverMatch

from apps.common.monitoring import metrics, requests
from apps.common.monitoring.request_id import request_id_of

TOKEN = "a-token-for-the-scraper-only"


def scrape(client, **headers):
    return client.get("/metrics", headers=headers)


def test_metrics_are_not_there_without_a_configured_token(client):
    assert scrape(client, authorization="Bearer ").status_code == 404


@pytest.mark.parametrize("header", [{}, {"authorization": "Bearer wrong"}, {"authorization": TOKEN}])
def test_metrics_reject_a_scrape_without_the_token(client, settings, header):
    settings.METRICS_TOKEN = TOKEN

    response = scrape(client, **header)

    assert response.status_code == 401
    assert b"taskhouse" not in response.content


@pytest.mark.django_db
def test_metrics_answer_whatever_host_the_scraper_asks_for(client, settings):
    settings.METRICS_TOKEN = TOKEN

    response = scrape(client, authorization=f"Bearer {TOKEN}", host="10.1.2.3:8000")

    assert response.status_code == 200
    assert "taskhouse_http_requests_in_flight" in response.content.decode()


@pytest.mark.django_db
def test_a_gauge_that_cannot_be_read_does_not_hide_the_others(client, settings, caplog):
    settings.METRICS_TOKEN = TOKEN
    metrics.register_gauge("taskhouse_test_good", "Works.", lambda: {"": 7})
    metrics.register_gauge("taskhouse_test_bad", "Does not.", lambda: {"": 1 / 0})
    try:
        shown = scrape(client, authorization=f"Bearer {TOKEN}").content.decode()
    finally:
        for name in ("taskhouse_test_good", "taskhouse_test_bad"):
            del metrics._state_gauges[name]

    assert "taskhouse_test_good 7.0" in shown
    assert "taskhouse_unreadable_gauges 1.0" in shown
    assert "taskhouse_test_bad cannot be read: ZeroDivisionError" in caplog.text


def count(name, **labels):
    return metrics.REGISTRY.get_sample_value(name, labels) or 0


@pytest.mark.django_db
def test_a_request_is_counted_with_its_statements_under_its_route(caplog):
    def view(request):
        request.resolver_match = ResolverMatch(view, (), {}, route="")
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            cursor.execute("SELECT 2")
        return HttpResponse(status=204)

    before = count("taskhouse_http_queries_total", route="/")
    with caplog.at_level(logging.INFO, "taskhouse.access"):
        requests.ObservationMiddleware(view)(RequestFactory().get("/?secret=1"))

    assert count("taskhouse_http_queries_total", route="/") == before + 2
    assert count("taskhouse_http_requests_total", method="GET", route="/", status="204") >= 1
    assert count("taskhouse_http_requests_in_flight") == 0
    assert "GET / 204" in caplog.text
    assert "secret" not in caplog.text


def test_an_unknown_path_or_method_makes_no_label_of_its_own():
    middleware = requests.ObservationMiddleware(lambda request: HttpResponse(status=404))
    before = count("taskhouse_http_requests_total", method="OTHER", route="unmatched", status="404")

    middleware(RequestFactory().generic("BREW", "/coffee/12345/"))

    assert count("taskhouse_http_requests_total", method="OTHER", route="unmatched", status="404") == before + 1


@pytest.mark.parametrize(
    ("route", "shown"),
    [
        ("", "/"),
        ("api/tasks/<int:pk>/", "/api/tasks/<int:pk>/"),
        ("^api/tasks/(?P<pk>[0-9]{1,18})/$", "/api/tasks/<pk>/"),
        ("api/^tasks/(?P<task_pk>[0-9]{1,18})/attachments/$", "/api/tasks/<task_pk>/attachments/"),
    ],
)
def test_routes_are_shown_readably(route, shown):
    assert requests.readable(route) == shown


@pytest.mark.django_db
def test_statements_carry_the_request_id_as_a_comment():
    def current_statement():
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_query()")
            return cursor.fetchone()[0]

    with request_id_of("abc-123"):
        inside = current_statement()

    assert inside.endswith("/*request_id='abc-123'*/")
    assert "request_id" not in current_statement()
