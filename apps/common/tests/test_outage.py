"""A database connection that is cut is a 503 wherever it is noticed, never a 500."""

import pytest
from django.db import connection

from apps.common.tests.races import at_once


def cut_connection():
    """Let another connection end this one's server process, as a restart of PostgreSQL does."""
    connection.ensure_connection()
    pid = connection.connection.info.backend_pid

    def terminate():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])

    assert at_once(terminate) == [None]


@pytest.fixture
def cut():
    yield cut_connection
    connection.close()


@pytest.mark.django_db(transaction=True)
def test_in_a_view_of_the_api(api, owner, cut):
    client = api(owner)
    cut()

    response = client.get("/api/tasks/")

    assert (response.status_code, response.json()["code"]) == (503, "unavailable")
    assert response["Retry-After"] == "1"
    assert response["Content-Type"] == "application/problem+json"


@pytest.mark.django_db(transaction=True)
def test_in_a_middleware_before_a_page(client, cut):
    client.raise_request_exception = False
    client.cookies["sessionid"] = "a" * 32
    cut()

    response = client.get("/admin/")

    assert response.status_code == 503
    assert response["Retry-After"] == "1"
    assert '<h1 class="serif">Service Unavailable</h1>' in response.content.decode()


@pytest.mark.django_db(transaction=True)
def test_the_next_connection_works_again(api, owner, cut):
    client = api(owner)
    cut()
    client.get("/api/tasks/")
    connection.close()  # what the server does after each request

    assert client.get("/api/tasks/").status_code == 200
