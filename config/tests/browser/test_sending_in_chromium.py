"""PG3 in a real browser: pressed twice, quickly after each other, and what comes of a request that fails."""

import json

from apps.tasks.models import Comment, Task
from apps.tasks.services import delete_task
from config.tests.browser.chromium import IN_CHROMIUM, wait

pytestmark = IN_CHROMIUM
# A server that takes its time: what htmx sends leaves half a second later
SLOW = """{const send = XMLHttpRequest.prototype.send;
XMLHttpRequest.prototype.send = function (...body) { setTimeout(() => send.apply(this, body), 500); };}"""
TOAST = "document.querySelector('#toast')?.innerText ?? ''"
PRESS = "document.querySelector(`SELECTOR`).click()"


def press(tab, *selectors):
    """Press buttons within one moment, before anything can be answered."""
    tab.run("; ".join(PRESS.replace("SELECTOR", each) for each in selectors))


def test_pg3_a_form_that_is_pressed_twice_is_sent_once(tab, live_server, tasks):
    tab.prepare(SLOW)
    tab.open(f"{live_server.url}/tasks/{tasks[0].pk}/")
    tab.fill("#task textarea[name=body]", "Once")
    button = "#task form[action$='/comments/'] button.primary"

    press(tab, button, button)
    tab.wait_for("article.comment")
    tab.run("new Promise((done) => setTimeout(done, 1500))")

    assert Comment.objects.count() == 1


def test_pg3_a_form_that_leads_to_another_page_is_sent_once(tab, live_server, tasks):
    tab.open(f"{live_server.url}/projects/{tasks[0].project_id}/")
    tab.wait_for("form[data-quick]")
    script = """JSON.stringify([1, 2].map(() => {
        const event = new SubmitEvent("submit", {bubbles: true, cancelable: true});
        document.querySelector("form[data-quick]").dispatchEvent(event);
        return event.defaultPrevented;
    }))"""

    assert json.loads(tab.run(script)) == [False, True]


def test_pg3_two_tasks_that_are_finished_quickly_after_each_other_are_both_done(tab, live_server, tasks):
    a, b, c = tasks
    tab.prepare(SLOW)
    tab.open(f"{live_server.url}/projects/{a.project_id}/")
    tab.wait_for(f"#t-{a.pk}")

    press(tab, *(f"#t-{each.pk} button.st" for each in (a, b, b, c)))
    wait(lambda: Task.objects.filter(status="done").count() == 3)

    assert set(Task.objects.values_list("version", flat=True)) == {2}


def test_pg3_what_cannot_be_fetched_opens_nothing_empty_and_nothing_of_another_task(tab, live_server, tasks):
    a, b, _ = tasks
    tab.open(f"{live_server.url}/projects/{a.project_id}/")
    tab.key("j")
    tab.key("s")
    tab.wait_for("#pick[open] #choice")
    tab.key("Escape")
    delete_task(actor=b.project.owner, task=b)
    tab.key("j")
    tab.complaints.clear()

    tab.key("s")
    wait(lambda: "nothing at this address" in tab.run(TOAST))
    assert tab.run("document.getElementById('pick').open") is False
    tab.run("document.getElementById('toast').replaceChildren()")
    tab.click(f"#t-{b.pk} .t a")
    wait(lambda: "nothing at this address" in tab.run(TOAST))

    wait(lambda: tab.run("document.querySelector('.panel') === null"))
    assert all("404" in each or "htmx" in each for each in tab.complaints)
    tab.complaints.clear()


def test_pg3_a_page_that_is_loaded_again_after_an_edit_is_the_task_and_no_form(tab, live_server, tasks):
    tab.open(f"{live_server.url}/tasks/{tasks[0].pk}/?edit=1")
    tab.fill("#id_title", "Another title")
    tab.click("#task button.primary")
    wait(lambda: tab.run("document.querySelector('#task h1')?.innerText") == "Another title")

    wait(lambda: tab.run("location.search") == "")
    tab.run("location.reload()")
    wait(lambda: tab.run("document.querySelector('#task h1')?.innerText") == "Another title")

    assert tab.run("document.getElementById('id_title')") is None


def test_pg11_escape_closes_the_palette_with_words_in_it(tab, live_server, tasks):
    tab.open(f"{live_server.url}/projects/{tasks[0].project_id}/")
    tab.key("Control+k")
    tab.wait_for("#palette[open] #palette-words")
    tab.fill("#palette-words", "web")

    tab.key("Escape")

    assert tab.run("document.getElementById('palette').open") is False
