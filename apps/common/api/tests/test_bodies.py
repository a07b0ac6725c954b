"""Bodies that nobody can read rightly are rejected, and nothing is written."""

import io
import json

import pytest
from django.http import UnreadablePostError
from django.test import RequestFactory

from apps.common.api.problems import as_domain_error
from apps.common.web.request_validation import Utf8Handler
from apps.tasks.models import Task

pytestmark = [pytest.mark.urls("apps.common.tests.sample_api"), pytest.mark.django_db]

HOSTILE = {
    "no JSON": b"{",
    "two BOMs": b"\xef\xbb\xbf\xef\xbb\xbf{}",
    "a BOM inside": b"{\xef\xbb\xbf}",
    "a BOM and nothing": b"\xef\xbb\xbf",
    "UTF-16": '{"title": "x"}'.encode("utf-16"),
    "latin-1": '{"title": "ä"}'.encode("latin-1"),
    "NaN": b'{"title": "x", "metadata": {"a": NaN}}',
    "infinity": b'{"title": "x", "metadata": {"a": 1e400}}',
    "NUL": b'{"title": "x\\u0000"}',
    "NUL in a key": b'{"title": "x", "metadata": {"\\u0000": 1}}',
    "lone surrogate": b'{"title": "x", "metadata": {"a": ["\\ud800"]}}',
    "surrogate in a key": b'{"title": "x", "metadata": {"\\udfff": 1}}',
    "100,000 lists": b"[" * 100_000 + b"]" * 100_000,
    "100,000 objects": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "depth 33": b'{"title": "x", "metadata": {"a": ' + b"[" * 31 + b"]" * 31 + b"}}",
    "a name twice": b'{"title": "x", "title": "y"}',
    "a name twice, with one value": b'{"title": "x", "title": "x"}',
    "a name twice, once escaped": b'{"title": "x", "\\u0074itle": "y"}',
    "a name twice, further in": b'{"title": "x", "metadata": {"a": [{"b": 1, "b": 2}]}}',
    "a lone surrogate twice": b'{"title": "x", "metadata": {"\\ud800": 1, "\\ud800": 2}}',
    "a number of 5,000 digits": b'{"title": "x", "duration": ' + b"9" * 5_000 + b"}",
}


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE)
def test_hostile_json_is_a_400(api, owner, project, body):
    response = api(owner).generic("POST", "/api/cards/", body, content_type="application/json")

    assert response.status_code == 400
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["detail"]
    assert Task.objects.count() == 0


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE)
def test_the_reason_quotes_no_python(api, owner, project, body):
    detail = api(owner).generic("POST", "/api/cards/", body, content_type="application/json").json()["detail"]

    assert not any(word in detail for word in ("utf-8", "codec", "sys.", "Traceback", "Error"))


def test_a_byte_order_mark_is_ignored(api, owner, project):
    body = b'\xef\xbb\xbf{"title": "x"}'

    response = api(owner).generic("POST", "/api/cards/", body, content_type="application/json")

    assert (response.status_code, response.json()["title"]) == (201, "x")


def test_thirty_two_levels_are_taken(api, owner, project):
    body = b'{"title": "x", "metadata": {"a": ' + b"[" * 30 + b"]" * 30 + b"}}"

    response = api(owner).generic("POST", "/api/cards/", body, content_type="application/json")

    assert response.status_code == 201


def test_ten_megabytes_of_json_are_a_413(api, owner, project):
    body = json.dumps({"title": "x", "metadata": {"a": "y" * 10_000_000}})

    response = api(owner).generic("POST", "/api/cards/", body, content_type="application/json")

    assert (response.status_code, response.json()["code"]) == (413, "payload_too_large")


@pytest.mark.parametrize("content_type", ["text/plain", "application/xml", "application/x-www-form-urlencoded"])
def test_another_content_type_is_a_415(api, owner, project, content_type):
    response = api(owner).generic("POST", "/api/cards/", b"title=x", content_type=content_type)

    assert (response.status_code, response.json()["code"]) == (415, "unsupported_media_type")


@pytest.mark.parametrize("charset", ["utf-7", "rot13", "idna", "latin-1", "no-such"])
def test_text_that_is_not_utf_8_is_a_415(charset):
    content_type = f"application/json; charset={charset}"
    environ = RequestFactory()._base_environ(
        PATH_INFO="/api/cards/", QUERY_STRING="x=%e4", REQUEST_METHOD="POST", CONTENT_TYPE=content_type
    )

    response = Utf8Handler()(environ, lambda status, headers: None)

    assert (response.status_code, json.loads(response.content)["code"]) == (415, "unsupported_media_type")


def test_a_chunked_body_is_asked_for_its_length(api, owner, task):
    response = api(owner).patch(f"/api/cards/{task.pk}/", headers={"Transfer-Encoding": "chunked"})

    assert (response.status_code, response.json()["code"]) == (411, "length_required")


BOUNDARY = "frontier"


def multipart(*, end=True, name="a.txt", content=b"hello", title=b"x"):
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="title"\r\n\r\n'.encode() + title
    file = f'\r\n--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'.encode()
    return head + file + content + (f"\r\n--{BOUNDARY}--\r\n".encode() if end else b"")


def post_form(client, body, **headers):
    content_type = f"multipart/form-data; boundary={BOUNDARY}"
    return client.generic("POST", "/api/cards/", body, content_type=content_type, **headers)


def test_a_whole_form_reaches_the_serializer(api, owner, project):
    response = post_form(api(owner), multipart())

    assert response.status_code == 400
    assert [error["code"] for error in response.json()["errors"]] == ["unknown_field"]
    assert response.json()["errors"][0]["pointer"] == "/file"


TITLE = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="title"\r\n\r\nx\r\n'.encode()
FILE = TITLE.replace(b'name="title"', b'name="file"; filename="a.txt"')


@pytest.mark.parametrize(("part", "pointer", "code"), [(TITLE, "/title", "repeated"), (FILE, "/file", "one_file")])
def test_a_form_with_a_field_twice_is_a_400_that_names_it(api, owner, project, part, pointer, code):
    response = post_form(api(owner), part + multipart())

    assert response.status_code == 400
    assert [(error["pointer"], error["code"]) for error in response.json()["errors"]] == [(pointer, code)]


def test_a_name_that_stands_twice_in_a_body_is_named(api, owner, project):
    response = api(owner).generic(
        "POST", "/api/cards/", b'{"title": "x", "title": "y"}', content_type="application/json"
    )

    assert response.json()["code"] == "parse_error"
    assert response.json()["detail"] == 'The name "title" stands twice in one object of the body.'
    assert not Task.objects.exists()


@pytest.mark.parametrize("cut", [1, 4, 20, 40, 100])
def test_a_form_that_is_cut_off_is_a_400(api, owner, project, cut):
    response = post_form(api(owner), multipart()[: -cut - 2])

    assert (response.status_code, response.json()["code"]) == (400, "parse_error")


def test_a_form_shorter_than_announced_is_a_400(api, owner, project):
    announced = {"CONTENT_LENGTH": "5000", "wsgi.input": io.BytesIO(multipart())}

    response = post_form(api(owner), multipart(), **announced)

    assert response.status_code == 400


@pytest.mark.parametrize("length", ["-1", "1e3", "²"])
def test_a_length_that_is_no_number_is_a_400(api, owner, project, length):
    response = post_form(api(owner), multipart(), CONTENT_LENGTH=length)

    assert response.status_code == 400


def test_a_form_over_the_views_limit_is_a_413_before_it_is_read(api, owner, project):
    response = post_form(api(owner), multipart(content=b"x" * 200_000))

    assert (response.status_code, response.json()["code"]) == (413, "payload_too_large")


def test_a_form_with_nul_in_a_field_is_a_400(api, owner, project):
    response = post_form(api(owner), multipart(title=b"a\x00b"))

    assert response.status_code == 400


def test_a_form_without_a_boundary_is_a_400(api, owner, project):
    response = api(owner).generic("POST", "/api/cards/", multipart(), content_type="multipart/form-data")

    assert response.status_code == 400


def test_a_client_that_hangs_up_is_not_our_bug():
    error = as_domain_error(UnreadablePostError("connection reset"))

    assert error is not None
    assert error.status == 400


@pytest.mark.parametrize(
    "value",
    [
        *(5, [], {}, True, "x", "²026-01-01T00:00:00Z", "2026-13-01T00:00:00Z"),
        *("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-23:59", "2026-01-01T00:00:00+99:99"),
    ],
)
def test_an_instant_out_of_range_is_a_400_at_its_field(api, owner, project, value):
    response = api(owner).post("/api/cards/", {"title": "x", "due_date": value})

    assert response.status_code == 400
    assert response.json()["errors"][0]["pointer"] == "/due_date"
    assert Task.objects.count() == 0


@pytest.mark.parametrize("value", ["+22:52", "%2B22:52", "-23:59", "Z", ""])
def test_an_odd_offset_in_a_filter_is_read_or_rejected(api, owner, project, value):
    response = api(owner).get(f"/api/cards/?due_after=2026-01-01T00:00:00{value}")

    assert response.status_code == 200


@pytest.mark.parametrize(
    "query",
    [
        "due_after=x",
        "due_after=%00",
        "due_after=0001-01-01T00:00:00%2B14:00",
        "due_after=9999-12-31T23:59:59-14:00",
        "dated=maybe",
        "dated=%00",
        "nothing=1",
        "project=%F0",
    ],
)
def test_an_unknown_filter_or_value_is_a_400(api, owner, project, query):
    response = api(owner).get(f"/api/cards/?{query}")

    assert response.status_code == 400
    assert response.json()["errors"][0]["pointer"] == "/" + query.partition("=")[0]


def test_unknown_fields_are_rejected_and_known_read_only_ones_ignored(api, owner, task):
    rejected = api(owner).patch(f"/api/cards/{task.pk}/", {"titel": "x", "a/b~c": 1})
    ignored = api(owner).patch(f"/api/cards/{task.pk}/", {"version": 99, "id": 7})

    assert [(error["pointer"], error["code"]) for error in rejected.json()["errors"]] == [
        ("/titel", "unknown_field"),
        ("/a~1b~0c", "unknown_field"),
    ]
    assert ignored.status_code == 200
    assert ignored.json()["id"] == task.pk


@pytest.mark.parametrize("body", [[], [1], "x", 1, None, True])
def test_a_body_that_is_no_object_is_a_400(api, owner, project, body):
    response = api(owner).generic("POST", "/api/cards/", json.dumps(body), content_type="application/json")

    assert response.status_code == 400
