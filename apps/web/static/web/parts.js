// What htmx swaps (contract PG3): the answers are whole pages, of which a form names the part that both have. This
// module keeps focus and scrolling over a swap, says what could not be swapped, and opens tasks beside their list.

const FOCUSABLE = "a, button, input:not([type=hidden]), select, textarea";
const byId = (id) => document.getElementById(id);
let held = null;

function say(text, link = null) {
  const toast = document.createElement("div");
  toast.className = "toast";
  toast.append(Object.assign(document.createElement("span"), { textContent: text }));
  if (link) toast.append(Object.assign(document.createElement("a"), { className: "btn small", href: link.href, textContent: link.text }));
  byId("toast").replaceChildren(toast);
}

// Where focus is: in which task's row or card or which part, and at which of its controls
function hold() {
  const from = document.activeElement;
  const place = from?.closest("[data-task]:not([data-region]), [data-region], .panel");
  const controls = place ? [...place.querySelectorAll(FOCUSABLE)] : [];
  const tasks = [...document.querySelectorAll(".row, .card")];
  held = {
    id: from?.id, tag: from?.tagName, place: place?.id, at: controls.indexOf(from), rank: tasks.indexOf(place),
    scrolls: [...document.querySelectorAll("[data-region] [id], [data-region]")]
      .filter((each) => each.scrollTop || each.scrollLeft).map((each) => [each.id, each.scrollTop, each.scrollLeft]),
  };
}

function restore() {
  if (!held) return;
  const { id, tag, place, at, rank, scrolls } = held;
  held = null;
  for (const [name, top, left] of scrolls) byId(name)?.scrollTo({ top, left, behavior: "instant" });
  const alert = document.querySelector("[data-region] [role=alert]");
  if (alert) return alert.focus();
  if (document.activeElement && document.activeElement !== document.body) return;
  const tasks = document.querySelectorAll(".row, .card");
  const box = byId(place) ?? (rank >= 0 ? tasks[Math.min(rank, tasks.length - 1)] : null);
  const controls = box ? [...box.querySelectorAll(FOCUSABLE)].filter((each) => each.checkVisibility()) : [];
  const same = controls[at]?.tagName === tag ? controls[at] : null; // never from a button into a field
  const target = (id && byId(id)) || (box?.matches(".card") ? box.querySelector("a.t") : same) || box?.querySelector(".row .t a, .card a.t") || box?.querySelector("a");
  target?.focus({ preventScroll: true });
}

// A page that has not the part: a login, or one that says what went wrong
function explain(event) {
  const { xhr, requestConfig, target } = event.detail;
  const selector = event.detail.select ?? event.detail.etc?.select ?? requestConfig.elt?.getAttribute("hx-select") ?? `#${target.id}`;
  const page = new DOMParser().parseFromString(xhr.responseText, "text/html");
  const isChoice = xhr.status >= 400 && byId("pick")?.contains(requestConfig.elt);
  if (page.querySelector(selector) && !isChoice) return;
  event.detail.shouldSwap = false;
  if (new URL(xhr.responseURL).pathname.endsWith("/login/")) return void location.assign(xhr.responseURL);
  const places = isChoice ? ["main [role=alert]"] : ["main h1", "main h1 + p"];
  const words = places.map((each) => page.querySelector(each)?.textContent.trim()).filter(Boolean);
  if (isChoice) byId("pick").close();
  say(words.join(": ") || byId("toast").dataset.failed);
}

// One press is one act: while a form is on its way, the same button does nothing, and another waits for its turn, since
// the form is swapped under it. A form without htmx ends with the page, or is free again when that has not come.
const STUCK_MS = 10_000;
const sent = new Map(); // form: what it was sent by
const turns = [];
const nameOf = (button) => (button ? [button.getAttribute("formaction"), button.name, button.value].join() : "");

function sendOnce(event) {
  const { target: form, submitter } = event;
  if (form.getAttribute("method")?.toLowerCase() !== "post") return;
  if (!sent.has(form)) {
    sent.set(form, nameOf(submitter));
    if (!form.hasAttribute("hx-post")) setTimeout(() => sent.delete(form), STUCK_MS);
    return;
  }
  event.preventDefault();
  event.stopImmediatePropagation();
  const next = nameOf(submitter);
  if (sent.get(form) !== next && !turns.includes(next)) turns.push(next);
}

function takeTurn() {
  const next = turns.shift();
  if (next) [...document.querySelectorAll("button")].find((each) => nameOf(each) === next)?.click();
}

document.addEventListener("submit", sendOnce, true);
document.addEventListener("htmx:afterRequest", ({ detail: { requestConfig, xhr } }) => {
  sent.delete(requestConfig.elt);
  if (!xhr.status || xhr.status >= 400) turns.length = 0; // what was rejected is read first
  setTimeout(takeTurn);
});
addEventListener("pageshow", () => sent.clear()); // a page that comes back is as it was left

document.addEventListener("htmx:beforeRequest", hold);
document.addEventListener("htmx:beforeSwap", explain);
document.addEventListener("htmx:afterSettle", restore);
document.addEventListener("htmx:sendError", () => say(byId("toast").dataset.offline));
document.addEventListener("htmx:responseError", (event) => explain(event));

// Returns when a part of another page stands in `target`, or does not: then it has been said why
function load(url, target, select) {
  return window.htmx.ajax("GET", url, { target, select, swap: "innerHTML" }).catch(() => {});
}

// The side panel: a task beside its list, by the partial of its page
const panel = () => document.querySelector(".panel");
let opener = null;
let stepped = null; // the part whose arrows the head has

async function openPanel(link) {
  if (!panel()) {
    document.body.append(byId("panel-frame").content.cloneNode(true));
    panel().querySelector("[data-close]").addEventListener("click", closePanel);
  }
  const step = link.rel; // from task to task the focus stays on the arrow, and the row goes along
  const [, wanted] = new URL(link.href).pathname.match(/(\d+)\/$/);
  opener = step ? `t-${wanted}` : link.closest("[data-task]")?.id;
  panel().querySelector("[data-page]").href = link.href;
  if (step && byId(opener)) {
    for (const each of document.querySelectorAll(".row[aria-current], .card[aria-current]")) each.removeAttribute("aria-current");
    byId(opener).setAttribute("aria-current", "true");
  }
  await load(link.href, "#panel-part", "#task");
  if (panel()?.querySelector("#task")?.dataset.task !== wanted) return void closePanel();
  showSteps();
  ((step && panel()?.querySelector(`.steps [rel=${step}]`)) || panel()?.querySelector("[data-close]"))?.focus();
}

// The arrows of the task stand in the head of the panel
function showSteps() {
  const slot = panel()?.querySelector("[data-steps]");
  const task = panel()?.querySelector("#task");
  if (!slot || !task || task === stepped) return;
  stepped = task;
  const steps = task.querySelector(".steps");
  slot.replaceChildren(...(steps ? [steps] : []));
}

function closePanel() {
  if (!panel()) return false;
  panel().remove();
  byId(opener)?.querySelector(".t a, a.t")?.focus();
  return true;
}

function reload() {
  const path = location.pathname + location.search;
  if (byId("list")) window.htmx.ajax("GET", path, { target: "#list", select: "#list", swap: "outerHTML" });
}

// The address of what is shown now, so that a page that is loaded again is not the form that was sent
function name(url) {
  const [shown, present] = [new URL(url), new URL(location)];
  if (shown.pathname !== present.pathname) return;
  if (present.searchParams.has("from")) shown.searchParams.set("from", present.searchParams.get("from"));
  history.replaceState(history.state, "", shown);
}

document.addEventListener("click", (event) => {
  const link = event.target.closest(".row .t a, .card a.t, .panel .steps a");
  const plain = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
  if (!link || !plain || !window.htmx || event.defaultPrevented) return;
  event.preventDefault();
  openPanel(link);
});
document.addEventListener("htmx:afterSettle", (event) => {
  showSteps();
  const { requestConfig, xhr } = event.detail;
  const isTask = requestConfig?.elt?.getAttribute("hx-target") === "#task"; // its form is out of the page by now
  if (requestConfig?.verb === "post" && isTask && panel()) reload();
  else if (requestConfig?.verb === "post" && isTask && xhr.status < 400) name(xhr.responseURL);
  const pick = byId("pick");
  if (requestConfig?.verb !== "post" || !pick?.open) return;
  const task = pick.querySelector("[data-task]")?.dataset.task;
  pick.close();
  (byId(`t-${task}`)?.querySelector(".t a, a.t") ?? byId("task-edit"))?.focus();
});

globalThis.taskhouse = { closePanel, hold, load, openPanel, reload, say };
