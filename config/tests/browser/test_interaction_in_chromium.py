"""PG3, PG10, PG11 in a real browser: acts without a full reload, the side panel, moving cards, keys, the palette."""

import io
import json

import pytest
from PIL import Image

from apps.projects.models import TrashEntry
from apps.tasks.comments.services import create_comment
from apps.tasks.labels.services import create_label
from apps.tasks.models import Comment, Task
from apps.tasks.tests.factories import TaskFactory
from apps.users.models import User
from config.tests.browser.chromium import IN_CHROMIUM, wait

pytestmark = IN_CHROMIUM
FOCUS = "document.activeElement.closest('[data-task]')?.dataset.task"
# Whether what has focus is in the window and lies above what is drawn there, and its ring
FOCUSED = """(() => {
  const each = document.activeElement, box = each.getBoundingClientRect();
  const top = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
  if (each === document.body) return ["", true, true];
  const seen = top && (each.contains(top) || top.contains(each) || top.closest("label")?.control === each);
  const line = each.closest(".add") ?? each; // the ring of a whole row or line is drawn around it
  const styles = [getComputedStyle(each), getComputedStyle(each, "::after"), getComputedStyle(line)];
  const hasRing = styles.some((style) => style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2);
  return [each.outerHTML.slice(0, 120), Boolean(seen), hasRing];
})()"""
MOVING = """[...document.querySelectorAll('*')].filter((each) => {
  const style = getComputedStyle(each);
  const times = `${style.transitionDuration}, ${style.animationDuration}`.split(', ');
  return times.some((each) => parseFloat(each) > 0.001);
}).map((each) => each.outerHTML.slice(0, 80))"""
BAR = """(() => {
  const bar = document.querySelector("SELECTOR"), box = bar.getBoundingClientRect();
  const at = bar.querySelector("[aria-current]").getBoundingClientRect();
  const isSeen = at.left >= box.left && at.right <= box.right;
  return {left: box.left, top: box.top, right: box.right, is_seen: isSeen,
    before: bar.scrollLeft, more: bar.scrollWidth - bar.clientWidth};
})()"""
BAR, BAR_OF_SETTINGS = BAR.replace("SELECTOR", ".tabs"), BAR.replace("SELECTOR", ".sticky>ul")
TOAST = "document.querySelector('#toast')?.innerText ?? ''"


def columns(tab):
    script = """JSON.stringify(Object.fromEntries([...document.querySelectorAll(".col > ol")].map(
        (each) => [each.dataset.value, [...each.querySelectorAll("a.t")].map((link) => link.innerText).join("")])))"""
    return json.loads(tab.run(script))


def marked(tab):
    """Mark the page, so that a full reload shows."""
    tab.run("window.isStill = true")


def assert_same_page(tab):
    assert tab.run("window.isStill") is True


def test_pg10_a_card_moves_by_keys_menu_and_mouse_through_one_form(tab, live_server, tasks):
    a, b, c = tasks
    tab.open(f"{live_server.url}/projects/{a.project_id}/board/")
    marked(tab)

    tab.run(f"document.querySelector('#t-{a.pk} a.t').focus()")
    tab.key("Alt+ArrowDown")
    wait(lambda: columns(tab)["todo"] == "bac")
    wait(lambda: tab.run(FOCUS) == str(a.pk))
    for _ in range(2):  # two columns on, by keys alone
        before = columns(tab)
        tab.key("Alt+ArrowRight")
        wait(lambda before=before: columns(tab) != before and tab.run(FOCUS) == str(a.pk))
    assert columns(tab)["review"] == "a"
    wait(lambda: "a is in In review, 1 of 1" in tab.run(TOAST))
    assert tab.run("document.getElementById('toast').getAttribute('role')") == "status"

    tab.drag(f"#t-{b.pk} .key", "#col-review")
    wait(lambda: "b is in In review" in tab.run(TOAST))  # the answer has come, and the columns are those of the server
    assert set(columns(tab)["review"]) == set("ab")
    assert Task.objects.get(pk=b.pk).status == "review"

    Task.objects.filter(pk__in=(a.pk, b.pk)).update(status="in_progress")  # somebody else, meanwhile
    tab.drag(f"#t-{c.pk} .key", f"#t-{b.pk}")
    wait(lambda: "Somebody moved the neighbour" in (tab.run("document.querySelector('[role=alert]')?.innerText") or ""))
    now = columns(tab)
    assert (now["todo"], set(now["in_progress"]), now["review"]) == ("c", {"a", "b"}, "")
    tab.complaints = [each for each in tab.complaints if "409" not in each]
    assert_same_page(tab)


def test_pg3_pg11_rows_change_without_a_reload_beside_the_panel_and_by_keys(tab, live_server, tasks):
    a, b, c = tasks
    tab.open(f"{live_server.url}/projects/{a.project_id}/?ordering=title")
    marked(tab)

    tab.click(f"#t-{a.pk} .t a")
    wait(lambda: tab.run("document.querySelector('.panel h1')?.innerText") == "a")
    wait(
        lambda: tab.run("document.querySelector('.panel').scrollWidth <= document.querySelector('.panel').clientWidth")
    )
    assert tab.run("document.querySelector('.panel h1').getBoundingClientRect().width") > 300  # one column
    tab.click(".panel [popovertarget=pr-menu]")
    tab.click(".panel [name=priority][value=urgent]")
    wait(lambda: tab.run(f"!!document.querySelector('#t-{a.pk} .pr[data-v=urgent]')"))
    tab.key("Escape")
    wait(lambda: not tab.run("!!document.querySelector('.panel')"))
    assert tab.run(FOCUS) == str(a.pk)

    tab.key("j")
    wait(lambda: tab.run(FOCUS) == str(b.pk))
    tab.key("s")
    wait(lambda: tab.run("document.getElementById('pick').open"))
    tab.click("#pick [name=status][value=review]")
    wait(lambda: tab.run(f"document.getElementById('t-{b.pk}').dataset.status") == "review")
    wait(lambda: not tab.run("document.getElementById('pick').open"))
    wait(lambda: tab.run(FOCUS) == str(b.pk))
    tab.key("e")
    wait(lambda: tab.run(f"document.getElementById('t-{b.pk}').dataset.status") == "done")
    wait(lambda: tab.run(FOCUS) == str(b.pk))
    tab.key("j")
    wait(lambda: tab.run(FOCUS) == str(c.pk))
    tab.key("#")
    wait(lambda: not tab.run(f"!!document.getElementById('t-{c.pk}')"))
    wait(lambda: "in the trash" in tab.run(TOAST))
    assert_same_page(tab)
    tab.key("z")
    wait(lambda: Task.objects.get(pk=c.pk).trash_id is None)

    wait(lambda: tab.run(f"document.readyState === 'complete' && !!document.getElementById('t-{c.pk}')"))
    tab.key("Control+k")
    wait(lambda: tab.run("document.getElementById('palette').open"))
    tab.fill("#palette-words", "trash")
    wait(lambda: tab.run("document.querySelectorAll('#palette .opt').length") == 1)
    tab.key("Enter")
    wait(lambda: tab.run("location.pathname") == "/trash/")


def test_pg11_a_task_is_made_and_several_are_changed_and_undone_by_keys_alone(tab, live_server, tasks):
    """Property 2; the keys that the journey above has not: c, x, Shift+x, s of a selection, l, d."""
    a = tasks[0]
    owner = a.project.owner
    label = create_label(actor=owner, project_id=a.project_id, name="bug")
    tab.open(f"{live_server.url}/projects/{a.project_id}/?ordering=title")

    tab.key("c")
    wait(lambda: tab.run("document.activeElement.name") == "text")
    for each in "new":
        tab.key(each)
    tab.key("Enter")
    wait(lambda: Task.objects.filter(title="new").exists())
    wait(lambda: tab.run("document.readyState === 'complete' && document.querySelectorAll('.row').length") == 4)
    marked(tab)

    for key in ("j", "x", "j", "j", "Shift+X"):
        tab.key(key)
    assert tab.run("document.querySelectorAll('.pick:checked').length") == 3
    tab.key("s")
    wait(lambda: tab.run("document.activeElement.value") == "todo")
    tab.key("Tab")
    tab.key("Enter")
    wait(lambda: "3 of 3 would change" in (tab.run("document.activeElement.innerText") or ""))
    assert tab.run("document.querySelector('main h2').innerText").startswith("Change")
    tab.key("Tab")
    tab.key("Enter")
    wait(lambda: Task.objects.filter(status="in_progress").count() == 3)
    wait(lambda: tab.run("document.querySelectorAll('.row[data-status=in_progress]').length") == 3)
    tab.key("z")
    wait(lambda: Task.objects.filter(status="todo").count() == 4)

    wait(
        lambda: tab.run(
            "document.readyState === 'complete' && !document.querySelector('.row[data-status=in_progress]')"
        )
    )
    tab.key("j")
    wait(lambda: tab.run(FOCUS) == str(a.pk))
    tab.key("l")
    wait(lambda: tab.run("document.activeElement.name") == "labels")
    tab.key(" ")
    tab.key("Enter")
    wait(lambda: list(a.task_labels.values_list("label", flat=True)) == [label.pk])
    wait(lambda: not tab.run("document.getElementById('pick').open") and tab.run(FOCUS) == str(a.pk))
    tab.key("d")
    wait(lambda: tab.run("document.activeElement.name") == "due_on")
    tab.run("document.activeElement.value = '2030-12-24'")
    tab.key("Enter")
    wait(lambda: str(Task.objects.get(pk=a.pk).due_on) == "2030-12-24")


def test_pg11_the_key_that_deletes_takes_the_task_of_the_page_and_never_what_is_said_of_it(tab, live_server, tasks):
    a = tasks[0]
    comment = create_comment(actor=a.project.owner, task=a, body="Keep this")
    tab.open(f"{live_server.url}/tasks/{a.pk}/")
    tab.wait_for(f"#comment-{comment.pk}")

    tab.key("#")
    wait(lambda: "in the trash" in tab.run(TOAST))

    assert not Comment.objects.get(pk=comment.pk).deleted_at
    assert TrashEntry.objects.count() == 1


def test_pg5_what_cannot_come_back_is_asked_for_first(tab, live_server, tasks):
    a = tasks[0]
    comment = create_comment(actor=a.project.owner, task=a, body="Keep this")
    tab.open(f"{live_server.url}/tasks/{a.pk}/")

    tab.click("[aria-label='Delete this comment']")
    tab.wait_for(f"[id='{comment.pk}-comment']:popover-open")
    assert not Comment.objects.get(pk=comment.pk).deleted_at
    tab.key("Escape")
    assert tab.run("document.activeElement.getAttribute('aria-label')") == "Delete this comment"
    tab.key("Enter")
    tab.click("text=Delete for good")
    wait(lambda: "The comment is deleted" in tab.run(TOAST))

    assert Comment.objects.get(pk=comment.pk).deleted_at


def test_pg14_on_a_phone_the_bar_is_at_the_thumb_and_the_panel_fills_the_screen(tab, live_server, tasks):
    a, _b, _c = tasks
    tab.resize(390, 844)
    tab.open(f"{live_server.url}/projects/{a.project_id}/")

    bar = tab.run("[...document.querySelectorAll('.tabbar a')].map((each) => each.innerText.trim())")
    assert bar == ["My day", "Projects", "New", "News", "Search"]
    assert tab.run("document.querySelector('.tabbar').getBoundingClientRect().bottom") == 844
    tab.click(f"#t-{a.pk} .t a")
    wait(lambda: tab.run("document.querySelector('.panel h1')?.innerText") == "a")
    assert tab.run("document.querySelector('.panel').getBoundingClientRect().width") == 390
    assert tab.run("document.documentElement.scrollWidth") == 390
    tab.open(f"{live_server.url}/tasks/{a.pk}/choose/?field=due")
    assert tab.run("document.getElementById('id_due_on').type") == "date"


def test_pg11_arrows_in_the_head_of_the_panel_and_of_the_page_lead_along_the_list(tab, live_server, tasks):
    a, b, c = tasks
    tab.open(f"{live_server.url}/projects/{a.project_id}/?ordering=title")
    tab.click(f"#t-{b.pk} .t a")
    wait(lambda: tab.run("document.querySelectorAll('.panel header .steps a').length") == 2)
    tab.click(".panel [rel=next]")
    wait(lambda: tab.run("document.querySelector('.panel h1')?.innerText") == "c")
    wait(lambda: tab.run("document.activeElement.closest('.panel header') !== null"))
    assert tab.run("document.querySelector('.row[aria-current]').dataset.task") == str(c.pk)
    assert tab.run("[...document.querySelectorAll('.panel .steps a')].map((each) => each.rel)") == ["prev"]
    tab.click(".panel [rel=prev]")
    wait(lambda: tab.run("document.querySelector('.panel h1')?.innerText") == "b")
    assert tab.run("location.pathname") == f"/projects/{a.project_id}/"

    tab.click(".panel [data-page]")
    wait(lambda: tab.run("location.pathname") == f"/tasks/{b.pk}/")
    wait(lambda: tab.run("document.readyState") == "complete")  # its keys are there
    tab.key("k")
    wait(lambda: tab.run("location.pathname") == f"/tasks/{a.pk}/")
    wait(lambda: tab.run("document.readyState") == "complete")
    assert tab.run("[...document.querySelectorAll('.steps a')].map((each) => each.rel)") == ["next"]
    tab.key("j")
    wait(lambda: tab.run("location.pathname") == f"/tasks/{b.pk}/")


def is_shaded(tab, box):
    """Return whether the start and the end of a bar are darker than its middle, above the words."""
    with Image.open(io.BytesIO(tab.picture())) as image:
        grey = image.convert("L")
    line = round(box["top"]) + 4
    start, middle, end = (
        grey.getpixel((round(x), line)) for x in (box["left"] + 2, (box["left"] + box["right"]) / 2, box["right"] - 2)
    )
    return middle - start > 20, middle - end > 20


def test_pg14_a_bar_of_tabs_shades_the_edge_behind_which_more_follows_and_shows_the_present_tab(
    tab, live_server, tasks
):
    """The shade is looked for in the picture: pixels along the middle of the bar, between its tabs."""
    User.objects.update(language="de")  # its words are longer
    project = f"{live_server.url}/projects/{tasks[0].project_id}/"
    tab.resize(320, 640)
    tab.open(project)
    box = tab.run(BAR)
    assert box["more"] > 0
    assert (box["before"], box["is_seen"]) == (0, True)
    assert is_shaded(tab, box) == (False, True)

    tab.open(f"{project}settings/")
    wait(lambda: tab.run(BAR)["before"] > 0)
    box = tab.run(BAR)
    assert box["is_seen"]
    tab.run("document.querySelector('.tabs').scrollTo({left: 9999, behavior: 'instant'})")
    assert is_shaded(tab, tab.run(BAR)) == (True, False)

    tab.resize(1280, 900)
    tab.open(project)
    box = tab.run(BAR)
    assert (box["more"], is_shaded(tab, box)) == (0, (False, False))


@pytest.mark.parametrize("path", ["/settings/calendars/", "/settings/account/", "/projects/{}/settings/end/"])
def test_pg14_the_bar_of_settings_begins_at_the_present_page_too(tab, live_server, tasks, path):
    User.objects.update(language="de")
    tab.resize(390, 844)
    tab.open(live_server.url + path.format(tasks[0].project_id))
    wait(lambda: tab.run(BAR_OF_SETTINGS)["before"] > 0)
    box = tab.run(BAR_OF_SETTINGS)
    assert box["is_seen"]
    tab.run("document.querySelector('.sticky>ul').scrollTo({left: 0, behavior: 'instant'})")
    assert is_shaded(tab, tab.run(BAR_OF_SETTINGS)) == (False, True)


def test_pg12_focus_is_seen_at_320_pixels_in_forced_colours_and_without_motion(tab, live_server, tasks):
    """400 % of 1280 pixels are 320. Sticky bars may cover no control that has focus."""
    tab.resize(320, 640)
    tab.emulate(forced_colors=True, less_motion=True)
    for number in range(12):
        TaskFactory(project=tasks[0].project, title=f"Task {number}")
    tab.open(f"{live_server.url}/projects/{tasks[0].project_id}/")
    assert tab.run(MOVING) == []

    hidden, bare = [], []
    for _ in range(60):
        tab.key("Tab")
        name, is_seen, has_ring = tab.run(FOCUSED)
        hidden += [] if is_seen else [name]
        bare += [] if has_ring else [name]

    print(f"focus of 60 stops: hidden {hidden}, without a ring {bare}")
    assert (hidden, bare) == ([], [])
