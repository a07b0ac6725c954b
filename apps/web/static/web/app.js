// Keys of the pages (contract PG11). Everything they do is a link or a button that stands on the page; without this
// file, or with single keys switched off in the profile, nothing is missing.

const side = document.getElementById("side");
const GO = { d: "day", n: "notifications", p: "projects" };
const SECOND_KEY_MS = 1500;
let awaitsPlace = 0;

const isWriting = (target) => target.closest("input, textarea, select, [contenteditable], dialog, [popover]:popover-open");
const rows = () => [...document.querySelectorAll(".row, .card")];
const current = () => document.querySelector(".row[aria-current], .card[aria-current]");

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
  const next = all[Math.min(Math.max(at + step, 0), all.length - 1)];
  if (!next) return false;
  current()?.removeAttribute("aria-current");
  next.setAttribute("aria-current", "true");
  next.querySelector(".t a, a.t")?.focus();
  return true;
}

const KEYS = {
  "c": () => focusOn("form[data-quick] [name=text]") || press("[data-key=create]"),
  "/": () => press("[data-key=search]"),
  "?": () => (document.getElementById("keys")?.togglePopover(), true),
  "j": () => move(1),
  "k": () => move(-1),
  "x": () => press(".pick", current()),
  "e": () => press("button.st", current()),
  "Enter": () => document.activeElement === document.body && press(".t a, a.t", current()),
  "z": () => press(".toast .undo"),
};

function act(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || isWriting(event.target)) return;
  const place = event.timeStamp - awaitsPlace < SECOND_KEY_MS ? GO[event.key] : undefined;
  awaitsPlace = event.key === "g" ? event.timeStamp : 0;
  const done = place ? press(`[data-go=${place}]`) : KEYS[event.key]?.();
  if (done) event.preventDefault();
}

if (side?.dataset.keys === "on") document.addEventListener("keydown", act);
