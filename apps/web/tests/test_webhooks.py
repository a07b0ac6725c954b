"""WH from the pages: made with the secret shown once, tested, read in the log, sent again, switched, deleted."""

from __future__ import annotations

import pytest
from django.utils import timezone
from standardwebhooks.webhooks import Webhook as Verifier

from apps.tasks.services import update_task
from apps.web.tests.browser import Browser, values_of
from apps.webhooks.delivering import deliver
from apps.webhooks.fan_out import fan_out
from apps.webhooks.models import Delivery, Webhook
from apps.webhooks.tests.receiver import Receiver

pytestmark = pytest.mark.django_db


@pytest.fixture
def receiver(settings):
    settings.WEBHOOK_ALLOW_HTTP = True
    settings.WEBHOOK_ALLOWED_NETWORKS = ["127.0.0.0/8"]
    made = Receiver()
    yield made
    made.close()


@pytest.fixture
def url(project):
    return f"/projects/{project.pk}/settings/webhooks/"


@pytest.fixture
def made(owner, url, receiver):
    """A browser that has made a webhook, and is on the page with its secret."""
    browser = Browser(owner)
    browser.open(url)
    browser.send(url, url=receiver.url, groups=["task.*"], types=["label.created"], description="Chat")
    return browser


def secret(browser):
    [field] = browser.page.xpath("//input[@id='webhook-secret']")
    return field.get("value")


def path(url):
    return f"{url}{Webhook.objects.get().pk}/"


def test_wh2_a_webhook_is_made_on_a_page_with_its_secret_shown_once_and_rotated(made, url, owner, task, receiver):
    assert (made.response.status_code, made.response["Cache-Control"]) == (201, "private, no-store")
    first = secret(made)
    assert Webhook.objects.get().events == ["task.*", "label.created"]
    assert first not in made.open(url).content.decode()
    assert path(url) in made.links()
    made.open(path(url))
    assert made.page.xpath("//input[@name='groups'][@checked]/@value") == ["task.*"]

    made.response = made.post(path(url), act="rotate")
    second = secret(made)
    update_task(actor=owner, task=task, changes={"title": "Renamed"})
    fan_out()
    deliver()

    [request] = receiver.got
    for key in (first, second):
        Verifier(key).verify(request.body, request.headers)
    assert "task.updated" in made.open(path(url)).content.decode()
    made.open(f"{path(url)}?state=failed")
    assert "Nothing has been sent that is failed." in made.text


def test_wh12_wh8_a_test_is_sent_looked_at_and_sent_again(made, url, receiver):
    receiver.answers = [500]
    made.open(path(url))
    made.send(f"{path(url)}test/")
    made.follow()
    assert "Nothing yet" in made.text
    deliver()
    log = f"{path(url)}deliveries/{Delivery.objects.get().pk}/"
    made.open(log)
    assert "webhook.test" in made.page.xpath("string(//pre)")
    assert "Failed" in made.text
    for page in (path(url), log):
        made.open(page)
        assert made.page.xpath("//main//*[contains(@class,'chip')][contains(@class,'danger')]"), page

    made.send(log)
    assert made.follow().status_code == 200
    assert made.post(f"{path(url)}test/").status_code == 409  # one at a time
    deliver()
    assert [each.headers["webhook-id"] for each in receiver.got] == [str(Delivery.objects.first().event_id)] * 2


def test_wh7_wh8_it_is_disabled_enabled_and_sends_what_it_missed(made, url, owner, task, receiver):
    made.open(path(url))
    made.post(path(url), act="disable")
    assert "Nothing is sent: Somebody disabled it." in (made.follow() and made.text)
    update_task(actor=owner, task=task, changes={"title": "Renamed"})
    made.post(path(url), act="enable")
    assert "1 event came in the meantime" in (made.follow() and made.text)

    since = timezone.localtime(task.created_at).strftime("%Y-%m-%dT%H:%M")
    made.post(path(url), act="redeliver", since=since, state="missing")
    assert "event is sent" in (made.follow() and made.text)
    deliver()

    assert {each.json["type"] for each in receiver.got} >= {"task.updated"}
    assert made.post(path(url), act="redeliver", since="yesterday").status_code == 422
    made.open(path(url))
    made.post(path(url), act="delete")
    assert "The webhook is deleted" in (made.follow() and made.text)
    assert not Webhook.objects.exists()


def save(browser, url, **fields):
    """Send the form with the settings of the webhook as it is shown, with other values in some fields."""
    form, _ = browser.form(path(url), name="url")
    shown = dict.fromkeys(("groups", "types"))
    shown = {name: form.xpath("//input[@name=$name][@checked]/@value", name=name) for name in shown}
    return browser.post(path(url), **values_of(form) | shown | {"act": "save"} | fields)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"url": "http://10.0.0.1/"}, "WEBHOOK_ALLOWED_NETWORKS"),
        ({"url": "https://user:secret@example.com/"}, "user, a password"),
        ({"groups": [], "types": []}, "at least 1"),
        ({"filter": "assignee = me"}, "Only for tasks that match"),
        ({"url": ""}, "This field is required."),
    ],
)
def test_wh9_a_bad_webhook_is_422_with_the_reason_and_not_made(owner, url, receiver, fields, words):
    browser = Browser(owner)
    browser.open(url)

    answer = browser.send(url, **({"url": receiver.url, "groups": ["*"]} | fields))

    assert answer.status_code == 422
    assert words in browser.text
    assert not Webhook.objects.exists()


def test_pg3_an_edit_of_an_old_version_is_412_and_saved_again_is_taken(made, url):
    made.open(path(url))
    Webhook.objects.update(version=9, description="Newer")

    assert save(made, url, description="Mine", groups=["comment.*"]).status_code == 412
    assert "Somebody changed it in the meantime. It now has:" in made.text

    assert save(made, url).status_code == 303, made.text
    row = Webhook.objects.get()
    assert (row.description, row.events) == ("Mine", ["comment.*", "label.created"])


def test_pg2_what_is_of_another_project_is_not_there(made, url, admin, outsider, receiver):
    log = f"{path(url)}deliveries/1/"
    for person, status in ((outsider, 404), (admin, 404)):
        browser = Browser(person)
        browser.open("/projects/")
        for found in (f"{url}999999999/", log):
            assert browser.open(found).status_code == status
            assert browser.post(found, act="delete").status_code == status
    assert Webhook.objects.count() == 1
