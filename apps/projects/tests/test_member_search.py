"""GET projects/{id}/members/?search=: whom an `@` offers (contract 01)."""

from __future__ import annotations

import pytest

from apps.projects.tests.factories import MembershipFactory


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("ann", ["anna.k"]),
        ("ANN", ["anna.k"]),
        ("kö", ["anna.k"]),
        ("KO\u0308", ["anna.k"]),
        ("queen", ["anna.k"]),
        ("mar", ["anna.k"]),
        ("nna", []),
        ("%", []),
        ("_", []),
        ("", ["owner", "anna.k"]),
    ],
)
def test_members_are_found_by_the_beginning_of_any_name(api, project, owner, text, found):
    names = {"username": "anna.k", "nickname": "Queen", "first_name": "Marie", "last_name": "König"}
    MembershipFactory(project=project, **{f"user__{name}": value for name, value in names.items()})

    rows = api(owner).get(f"/api/projects/{project.pk}/members/", {"search": text}).json()["results"]

    assert [row["user"]["username"] for row in rows] == found


def test_more_than_100_characters_are_rejected(api, project, owner):
    response = api(owner).get(f"/api/projects/{project.pk}/members/", {"search": "x" * 101})

    assert (response.status_code, response.json()["errors"][0]["code"]) == (400, "max_length")
