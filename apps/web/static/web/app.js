// Keys of the pages (contract PG11). Everything they do is a link or a button that stands on a page; without this
// file, or with single keys switched off in the profile, nothing is missing.

// Of parts.js; an import between files would escape the hashed names
const { closePanel, load, openPanel } = globalThis.taskhouse;

const side = document.getElementById("side");
const GO = { d: "day", n: "notifications", p: "projects" };
const CHOICES = { s: "status", p: "priority", a: "assigned_to", l: "labels", d: "due", m: "project" };
const BULK = { s: "bulk-status", p: "bulk-priority", a: "bulk-who", m: "bulk-move" };
const SECOND_KEY_MS = 1500;
let awaitsPlace = -Infinity; // the time of a "g"; a page that has just loaded has none
let picked = null;

const WRITING = "input:not([type=checkbox]), textarea, select, [contenteditable], dialog, [popover]:popover-open";
// The address of a task keeps the list it was opened from, for what is fetched from this page later
const from = document.getElementById("task")?.dataset.from;
const address = new URL(location);
if (from && !address.searchParams.has("from")) {
  address.searchParams.set("from", from);
  history.replaceState(history.state, "", address);
}

// A bar that is wider than the screen shows where the page is; browsers that know scroll-initial-target do so by themselves
const BARS = ".tabs, .strip, .sticky>ul";
for (const here of document.querySelectorAll(`:is(${BARS}) [aria-current]`)) {
  const [bar, at] = [here.closest(BARS), here.getBoundingClientRect()];
  const box = bar.getBoundingClientRect();
  if (at.left < box.left || at.right > box.right) bar.scrollLeft += at.left - box.left - (box.width - at.width) / 2;
}
// Chromium leaves what is half behind the edge of such a bar where it is when it gets focus
document.addEventListener("focusin", (event) => {
  if (event.target.closest(BARS)) event.target.scrollIntoView({ block: "nearest", inline: "nearest" });
});

const hasMenu = () => document.querySelector(":popover-open, dialog[open]");
const isWriting = (target) => target.closest?.(WRITING);
const rows = () => [...document.querySelectorAll(".row, .card")];
const current = () => document.activeElement?.closest(".row, .card") ?? document.querySelector(".row[aria-current], .card[aria-current]");
const task = () => current() ?? document.querySelector(".panel [data-task], #task[data-task]");
const path = (name) => new URL(`${name}/`, new URL(side.querySelector(".brand").href)).pathname;

function press(selector, root = document) {
  const found = root?.querySelector(selector);
  found?.click();
  return Boolean(found);
}

function focusOn(selector) {
  const found = document.querySelector(selector);
  found?.focus();
  return Boolean(found);
}

function move(step) {
  const all = rows();
  const at = all.indexOf(current());
  const next = all[at < 0 ? 0 : Math.min(Math.max(at + step, 0), all.length - 1)];
  if (!next) return false;
  for (const each of all) each.removeAttribute("aria-current");
  next.setAttribute("aria-current", "true");
  next.querySelector(".t a, a.t")?.focus();
  if (document.querySelector(".panel")) openPanel(next.querySelector(".t a, a.t"));
  return true;
}

function pick(isRange) {
  const row = current();
  const all = rows();
  const box = row?.querySelector(".pick");
  if (!box) return false;
  const [from, to] = [all.indexOf(picked ?? row), all.indexOf(row)].sort((a, b) => a - b);
  if (isRange && from >= 0) for (const each of all.slice(from, to + 1)) each.querySelector(".pick").checked = true;
  else box.click();
  picked = row;
  return true;
}

async function fill(dialog, url, part) {
  const box = dialog.querySelector(":scope > div");
  box.replaceChildren(); // what it held is of another task
  await load(url, `#${dialog.id} > div`, part);
  if (!box.childElementCount) return dialog.close();
  if (!dialog.open) dialog.showModal();
  (dialog.querySelector("[aria-current]") ?? dialog.querySelector("input:not([type=hidden]), button"))?.focus();
}

function choose(url) {
  const target = new URL(url, location.href);
  target.searchParams.set("next", location.pathname + location.search);
  fill(document.getElementById("pick"), target.pathname + target.search, "#choice");
}

function offer(menu) {
  menu?.showPopover();
  menu?.querySelector("button")?.focus();
  return Boolean(menu);
}

function change(key) {
  if (BULK[key] && document.querySelector(".pick:checked")) return offer(document.getElementById(BULK[key]));
  const of = task();
  if (!of || of.matches(".row, .card") && !of.querySelector("button.st, [popovertarget]")) return false;
  choose(`${path(`tasks/${of.dataset.task}/choose`)}?field=${CHOICES[key]}`);
  return true;
}

function remove() {
  if (document.querySelector(".pick:checked")) return press(".bulk [value=delete]");
  const row = current();
  if (!row) return press("#task [data-key=delete]");
  const form = row.closest("form");
  if (!form || !row.querySelector("button.st, [popovertarget]")) return false;
  const button = Object.assign(document.createElement("button"), { hidden: true });
  button.setAttribute("formaction", path(`tasks/${row.dataset.task}/delete`));
  form.append(button);
  button.click();
  button.remove();
  return true;
}

function palette() {
  const of = task()?.dataset.task;
  fill(document.getElementById("palette"), path("palette") + (of ? `?task=${of}` : ""), "#palette-part");
}

function back() {
  if (hasMenu()) return false; // the browser closes that
  if (closePanel()) return true;
  return press("#task .crumb a");
}

const KEYS = {
  "c": () => focusOn("form[data-quick] [name=text]") || press("[data-key=create]"),
  "/": () => press("[data-key=search]"),
  "?": () => (document.getElementById("keys")?.togglePopover(), true),
  "j": () => move(1) || press(".steps [rel=next]"),
  "k": () => move(-1) || press(".steps [rel=prev]"),
  "x": () => pick(false),
  "X": () => pick(true),
  "e": () => (document.querySelector(".pick:checked") ? press(".bulk [value=complete]") : press("button.st", current())),
  "#": remove,
  "Enter": () => document.activeElement === document.body && press(".t a, a.t", current()),
  "Escape": back,
  "z": () => press(".toast .undo"),
};

function act(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || isWriting(event.target)) return;
  const place = event.timeStamp - awaitsPlace < SECOND_KEY_MS ? GO[event.key] : undefined;
  awaitsPlace = event.key === "g" ? event.timeStamp : -Infinity;
  const done = place ? press(`[data-go=${place}]`) : CHOICES[event.key] ? change(event.key) : KEYS[event.key]?.();
  if (done) event.preventDefault();
}

if (side?.dataset.keys === "on") document.addEventListener("keydown", act);
else document.addEventListener("keydown", (event) => event.key === "Escape" && !isWriting(event.target) && !hasMenu() && closePanel());

document.addEventListener("keydown", (event) => {
  if (event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey) {
    event.preventDefault();
    palette();
  }
  if (event.key === "Escape" && event.target.closest?.("#palette")) {
    event.preventDefault(); // a field of this type would be emptied first
    return document.getElementById("palette").close();
  }
  const found = event.target.closest?.("#palette") && [...document.querySelectorAll("#palette .opt")];
  if (!found || !["ArrowDown", "ArrowUp", "Enter"].includes(event.key)) return;
  const at = found.indexOf(document.activeElement);
  if (event.key === "Enter" && at >= 0) return;
  event.preventDefault();
  if (event.key === "Enter") found[0]?.click();
  else if (event.key === "ArrowUp" && at <= 0) document.getElementById("palette-words").focus();
  else found[Math.min(at + (event.key === "ArrowDown" ? 1 : -1), found.length - 1)]?.focus();
});
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-choose], a[data-palette], dialog [data-cancel]");
  if (!link || event.ctrlKey || event.metaKey || !window.htmx) return;
  event.preventDefault();
  if (link.matches("[data-palette]")) return palette();
  link.closest("dialog")?.close();
  if (link.matches("[data-choose]")) choose(link.href);
});
