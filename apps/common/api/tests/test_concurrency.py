"""Entity tags: If-Match rejects a stale write, If-None-Match saves a body."""

import pytest

from apps.common.tests.races import at_once, statuses

pytestmark = [pytest.mark.urls("apps.common.tests.sample_api"), pytest.mark.django_db]


def patch(client, task, tag, title="new"):
    return client.patch(f"/api/cards/{task.pk}/", {"title": title}, headers={"If-Match": tag})


def test_the_tag_is_the_version_and_a_digest_of_what_is_shown(api, owner, task):
    first = api(owner).get(f"/api/cards/{task.pk}/")["ETag"]
    written = api(owner).patch(f"/api/cards/{task.pk}/", {"title": "new"})
    read = api(owner).get(f"/api/cards/{task.pk}/")

    assert first.startswith('"1.')
    assert written["ETag"] == read["ETag"]
    assert read["ETag"].startswith('"2.')


@pytest.mark.parametrize("form", ["{0}", "W/{0}", '"0.ab", {0}', "*", '"1"', ' "1.0123" ', '"1.zz"', ""])
def test_a_tag_of_the_stored_version_lets_the_write_through(api, owner, task, form):
    tag = api(owner).get(f"/api/cards/{task.pk}/")["ETag"]

    assert patch(api(owner), task, form.format(tag)).status_code == 200


MARKED = {
    "mod_deflate": '"{}-gzip"',
    "mod_brotli": '"{}-br"',
    "Jetty": '"{}--gzip"',
    "a parameter": '"{};gzip"',
    "zstd": '"{}-zstd"',
    "weakened": 'W/"{}-gzip"',
    "outside of the quotes": '"{}"-gzip',
    "a list": '"0.ff-gzip", W/"{}-br"',
}


@pytest.mark.parametrize("form", MARKED.values(), ids=MARKED)
def test_contract_8_a_proxy_that_marks_the_tag_as_compressed_does_no_harm(api, owner, task, form):
    url = f"/api/cards/{task.pk}/"
    tag = form.format(api(owner).get(url)["ETag"].strip('"'))

    assert patch(api(owner), task, tag).status_code == 200
    assert patch(api(owner), task, tag).status_code == 412


@pytest.mark.parametrize("form", ['"{}-gzip"', 'W/"{}-br"', '"{};gzip"', '"x", "{}-zstd"'])
def test_contract_8_a_marked_tag_still_saves_the_body(api, owner, task, form):
    url = f"/api/cards/{task.pk}/"
    tag = form.format(api(owner).get(url)["ETag"].strip('"'))

    assert api(owner).get(url, headers={"If-None-Match": tag}).status_code == 304


@pytest.mark.parametrize(
    "tag",
    ['"2.ab"', '"0"', "1", "rubbish", '""', '"1-2"', '"1x.ab"', '"2.1-gzip"', '"9999999999999999999"', '"-1"', "W/"],
)
def test_another_tag_is_a_412_that_names_the_current_one(api, owner, task, tag):
    current = api(owner).get(f"/api/cards/{task.pk}/")["ETag"]

    response = patch(api(owner), task, tag)

    assert (response.status_code, response.json()["code"]) == (412, "precondition_failed")
    assert response["ETag"] == current
    task.refresh_from_db()
    assert task.title != "new"


def test_an_unchanged_row_is_a_304_without_a_body(api, owner, task):
    tag = api(owner).get(f"/api/cards/{task.pk}/")["ETag"]

    for header in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        response = api(owner).get(f"/api/cards/{task.pk}/", headers={"If-None-Match": header})
        assert (response.status_code, response.content, response["ETag"]) == (304, b"", tag)


def test_a_tag_of_the_same_version_with_another_digest_is_no_match_for_a_cache(api, owner, task):
    response = api(owner).get(f"/api/cards/{task.pk}/", headers={"If-None-Match": '"1.0123456789abcdef"'})

    assert response.status_code == 200


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("rounds", [10, pytest.param(100, marks=pytest.mark.slow)])
def test_of_eight_writers_with_the_same_tag_one_wins(api, owner, task, rounds):
    winners = 0
    for _ in range(rounds):
        tag = api(owner).get(f"/api/cards/{task.pk}/")["ETag"]
        answers = statuses(at_once(*[lambda n=n, tag=tag: patch(api(owner), task, tag, f"by {n}") for n in range(8)]))
        assert answers == [200] + [412] * 7
        winners += 1
    task.refresh_from_db()

    print(f"same ETag: {rounds} rounds of 8, winners {winners}, version {task.version}")
    assert task.version == 1 + rounds
