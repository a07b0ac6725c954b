"""Who is named in comments and descriptions (contract C8 to C12)."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.projects.tests.factories import MembershipFactory, ProjectFactory
from apps.tasks.comments.tests.comment_helpers import comment_on, url
from apps.tasks.models import Comment, Mention, Task
from apps.tasks.tests.assertions import snapshot

NAMES = ("anna", "anna.k", "anna-maria", "bob", "bob.", "jürgen", "a+b", "x_y", "Émile", "n1")

# Text -> the members it names, in order
TEXTS = [
    ("@anna", ["anna"]),
    ("@Anna and @ANNA", ["anna"]),
    ("@anna,", ["anna"]),
    ("(@anna)", ["anna"]),
    ("@anna.", ["anna"]),
    ("@anna: @bob; @n1!", ["anna", "bob", "n1"]),
    ("@bob then @anna", ["bob", "anna"]),
    ("@anna.k", ["anna.k"]),
    ("@anna.k.", ["anna.k"]),
    ("@anna.x", ["anna"]),
    ("@anna.k2", ["anna"]),
    ("@annabel", []),
    ("@anna_", []),
    ("@anna-maria-luise", ["anna-maria"]),
    ("@anna-", ["anna"]),
    ("@anna+x", ["anna"]),
    ("@a+b+c", ["a+b"]),
    ("@a", []),
    ("@bob.", ["bob."]),
    ("@bob..", ["bob."]),
    ("@x_y", ["x_y"]),
    ("@x", []),
    ("@jürgen @JÜRGEN", ["jürgen"]),
    ("@ju\u0308rgen", ["jürgen"]),
    ("@anna\u0301", []),
    ("@émile @E\u0301mile", ["Émile"]),
    ("@\uff41\uff4e\uff4e\uff41", ["anna"]),
    ("\uff20anna", []),
    ("a@anna", []),
    ("é@anna e\u0301@anna", []),
    ("1@anna", []),
    ("_@anna", []),
    ("@@anna", []),
    ("/@anna", []),
    ("-@anna .@anna", ["anna"]),
    ("*@anna* **@bob**", ["anna", "bob"]),
    ("`@anna` ``@bob``", []),
    ("`@anna", ["anna"]),
    ("```\n@anna\n```\n@bob", ["bob"]),
    ("x\n\n    @anna\n\n@bob", ["bob"]),
    ("[@anna](http://x.example) @bob", ["bob"]),
    ("[see @anna][r] @bob\n\n[r]: http://x.example/ '@n1'", ["bob"]),
    ("[@anna", ["anna"]),
    ("[x @anna](not a link", ["anna"]),
    ("![@anna](http://x.example/a.png) @bob", ["bob"]),
    ('[x](http://x.example "@anna")', []),
    ("http://x.example/?q=@anna @bob", ["bob"]),
    ("(http://x.example),@anna", ["anna"]),
    ("ftp://x.example/?q=@anna www.x.example/?=@anna", []),
    ("<http://x.example/?q=@anna>", []),
    ("bob@anna.example <bob@anna.example> bob+@anna.example mailto:b@anna.example", []),
    ("<@anna>", ["anna"]),
    ("&#64;anna &commat;anna", []),
    ("\\@anna", ["anna"]),
    ("\\\\@anna", ["anna"]),
    ("`\\@anna`", []),
    ("> - @anna\n\n# @bob\n\n|a|\n|-|\n|@n1|", ["anna", "bob", "n1"]),
    ("~~@anna~~ <b>@bob</b>", ["anna", "bob"]),
    ("- [ ] @anna\n- [x] @bob", ["anna", "bob"]),
    ("@", []),
    ("@.", []),
    ("@stranger @nobody", []),
]


@pytest.fixture
def people(project, outsider):
    assert outsider.username == "outsider"
    return {name: MembershipFactory(project=project, user__username=name).user for name in NAMES}


def test_c8_c9_and_property_4_a_table_of_texts_agrees_with_the_rule(api, member, task, people):
    wrong = []
    for text, names in TEXTS:
        shown = api(member).post(url(task), {"body": text}).json()
        if [person["username"] for person in shown["mentions"]] != names:
            wrong.append((text, names, shown["mentions"]))
    print(f"mentions: {len(TEXTS)} texts, wrong {len(wrong)}")
    assert wrong == []
    assert len(TEXTS) >= 40


def test_c9_and_property_5_a_name_outside_the_project_answers_as_a_name_of_nobody(api, member, outsider, task):
    def answer(name):
        response = api(member).post(url(task), {"body": f"Hello @{name}!"})
        text = response.content.decode().replace(name, "NAME")
        own = Comment.objects.get(pk=response.json()["id"])
        for part in (f'"id" : {own.pk}', response.json()["created_at"]):
            text = text.replace(part, "")
        return response.status_code, text

    assert outsider.username == "outsider"
    assert answer("outsider") == answer("nobodyx1")
    assert not Mention.objects.exists()


def test_c10_fifty_people_are_the_most(api, member, project, task):
    users = [MembershipFactory(project=project, user__username=f"p{number}").user for number in range(51)]
    fifty = " ".join(f"@{user.username} @{user.username.upper()}" for user in users[:50])
    before = snapshot()

    too_many = api(member).post(url(task), {"body": f"{fifty} @p50"})

    assert too_many.status_code == 400
    assert [(error["pointer"], error["code"]) for error in too_many.json()["errors"]] == [
        ("/body", "too_many_mentions")
    ]
    described = api(member).patch(f"/api/tasks/{task.pk}/", {"description": f"{fifty} @p50"})
    created = api(member).post("/api/tasks/", {"project": project.pk, "title": "x", "description": f"{fifty} @p50"})
    assert [response.json()["errors"][0]["pointer"] for response in (described, created)] == ["/description"] * 2
    assert snapshot() == before
    accepted = api(member).post(url(task), {"body": f"{fifty} @nobody"})
    assert len(accepted.json()["mentions"]) == 50
    edited = api(member).patch(url(task, accepted.json()["id"]), {"body": f"{fifty} @p50"})
    assert edited.json()["errors"][0]["code"] == "too_many_mentions"


def test_c11_mentions_follow_the_person_and_not_the_name(api, member, task, people):
    text = "see @Anna, please"
    shown = api(member).post(url(task), {"body": text}).json()
    people["anna"].username = "annie"
    people["anna"].save()
    people["bob"].username = "anna"
    people["bob"].save()

    after = api(member).get(url(task, shown["id"]), {"include": "html"}).json()

    assert after["body"] == text
    assert [person["username"] for person in after["mentions"]] == ["annie"]
    name = f'<span class="mention" data-user="{people["anna"].pk}">@Anna</span>'
    assert after["body_html"] == f"<p>see {name}, please</p>\n"


def test_c11_who_has_left_is_no_longer_mentioned(api, member, project, task, people):
    shown = api(member).post(url(task), {"body": "@anna @bob"}).json()
    project.memberships.filter(user=people["anna"]).delete()

    after = api(member).get(url(task, shown["id"]), {"include": "html"}).json()

    assert [person["username"] for person in after["mentions"]] == ["bob"]
    assert after["body_html"].startswith("<p>@anna <span")


def test_c12_a_row_outlives_the_name_and_one_of_oneself_is_recorded(api, member, task, people):
    shown = api(member).post(url(task), {"body": "@anna @member"}).json()
    api(member).patch(url(task, shown["id"]), {"body": "@bob"})

    rows = Mention.objects.order_by("pk").values_list("user__username", "is_current", "name_as_written")
    assert list(rows) == [("anna", False, ""), ("member", False, ""), ("bob", True, "bob")]
    again = api(member).patch(url(task, shown["id"]), {"body": "@bob @anna"}).json()
    assert [person["username"] for person in again["mentions"]] == ["bob", "anna"]
    assert Mention.objects.count() == 3


def test_mentions_of_descriptions_are_kept_apart_from_those_of_comments(api, member, project, task, people):
    comment_on(task, member, "@anna")
    api(member).patch(f"/api/tasks/{task.pk}/", {"description": "@anna @bob"})
    api(member).patch(f"/api/tasks/{task.pk}/", {"description": "@bob", "title": "Other"})
    created = api(member).post("/api/tasks/", {"project": project.pk, "title": "x", "description": "@anna"}).json()

    rows = Mention.objects.filter(task=task, comment=None).order_by("user__username")
    assert list(rows.values_list("user__username", "is_current")) == [("anna", False), ("bob", True)]
    assert Mention.objects.get(task=created["id"]).user == people["anna"]


def test_a_task_that_moves_takes_its_mentions_and_names_only_members_there(api, owner, member, task, people):
    comment = comment_on(task, member, "@anna @bob")
    target = ProjectFactory(owner=owner)
    MembershipFactory(project=target, user=people["bob"])

    api(owner).patch(f"/api/tasks/{task.pk}/", {"project": target.pk})

    shown = api(owner).get(url(task, comment)).json()
    assert [person["username"] for person in shown["mentions"]] == ["bob"]
    assert Mention.objects.count() == 2


def test_a_text_with_mentions_costs_two_statements_more_whatever_their_number(api, member, task, people):
    def counted(body):
        with CaptureQueriesContext(connection) as queries:
            assert api(member).post(url(task), {"body": body}).status_code == 201
        return len(queries)

    counted("first")
    plain, one, many = counted("x"), counted("@anna"), counted("@anna @bob @n1 @nobody @x_y")

    assert one == many
    assert one - plain <= 3


def test_a_task_without_an_at_sign_costs_no_statement_for_mentions(api, member, task):
    with CaptureQueriesContext(connection) as queries:
        api(member).post("/api/tasks/", {"project": task.project_id, "title": "x", "description": "plain"})

    assert not [query for query in queries if Mention._meta.db_table in query["sql"]]
    assert Task.objects.count() == 2
