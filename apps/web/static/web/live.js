// Pages follow what others do (contract PG9): the stream, or else a look every 30 seconds, says that something changed;
// then the parts of the page that show tasks are fetched again. Nothing is swapped under somebody's hands.

const main = document.getElementById("main");
const { mode, stream, state } = main.dataset;
const { person } = document.getElementById("side").dataset;
const name = `taskhouse:${state}:${person}`;
const START_MS = 300; // who only passes through opens no stream
const LOOK_MS = 1000;
const POLL_MS = 30_000;
const RETRY_MS = 60_000;
// A change is heard by everybody at once. Their pages ask for it spread over ten times what answers take: the busier the
// server the longer, at most until a page without a stream would ask. What changes meanwhile costs nothing.
const SPREAD = { least: 200, most: POLL_MS, times: 10 };
const WRITING = "input:not([type=checkbox], [type=radio], [type=hidden]), textarea, select, [contenteditable]";
const ENGAGED = ".htmx-request, :popover-open, .slot, [role=alert]"; // an act under way, an open menu, a card in the hand

const channel = "BroadcastChannel" in window ? new BroadcastChannel(name) : null;
const shown = new Map(); // id of a part: the address that it shows; null for an answer to a form, which has none
const tags = new Map(); // address: ETag
const known = {}; // project: number of its last event
let isLeader = false;
let isBehind = false;
let isRunning = false;
let notBefore = 0;
const [{ requestStart, responseEnd }] = performance.getEntriesByType("navigation");
let answerMs = responseEnd - requestStart; // what an answer takes, the later ones counting more
let isLeaving = false;
let me = null;

function isChanged(field) {
  if (field.type === "hidden") return false;
  if (field.type === "checkbox" || field.type === "radio") return field.checked !== field.defaultChecked;
  if (field.type === "file") return field.files.length > 0;
  if (field.tagName !== "SELECT") return field.value !== field.defaultValue;
  const options = [...field.options];
  const chosen = options.some((each) => each.defaultSelected) || field.multiple;
  return chosen ? options.some((each) => each.selected !== each.defaultSelected) : field.selectedIndex > 0;
}

function isInUse(part) {
  if (shown.get(part.id) === null || part.querySelector(ENGAGED) || document.querySelector("dialog[open]")) return true;
  const focused = document.activeElement;
  if (part.contains(focused) && focused.matches(WRITING)) return true;
  return [...part.querySelectorAll("input, textarea, select")].some(isChanged);
}

function addressOf(part) {
  const panel = part.closest(".panel");
  const start = panel ? new URL(panel.querySelector("[data-page]").href) : location;
  return shown.get(part.id) ?? start.pathname + start.search;
}

// What this browser alone knows of a part: closed groups, and the row that the keys stand on
function keep(part, next) {
  const closed = [...part.querySelectorAll("details.group:not([open]) h2")].map((each) => each.textContent);
  for (const each of next.querySelectorAll("details.group")) {
    if (closed.includes(each.querySelector("h2").textContent)) each.open = false;
  }
  const at = part.querySelector(".row[aria-current], .card[aria-current]")?.id;
  if (at) next.querySelector(`#${CSS.escape(at)}`)?.setAttribute("aria-current", "true");
}

function lose(part) {
  if (part.closest(".panel")) {
    globalThis.taskhouse.closePanel();
    globalThis.taskhouse.say(document.getElementById("toast").dataset.gone);
  } else location.reload();
}

async function refresh(part) {
  const address = addressOf(part);
  const headers = tags.has(address) ? { "If-None-Match": tags.get(address) } : {};
  const began = performance.now();
  const answer = await fetch(address, { headers, cache: "no-store" });
  answerMs = (answerMs + performance.now() - began) / 2;
  if (answer.status === 304) return true;
  if (answer.redirected && new URL(answer.url).pathname.endsWith("/login/")) return void location.assign(answer.url);
  if (answer.redirected) return void shown.set(part.id, null); // the address of a form alone
  const page = answer.ok ? new DOMParser().parseFromString(await answer.text(), "text/html") : null;
  if (!part.isConnected || isInUse(part)) return false; // somebody has begun meanwhile
  if ([403, 404].includes(answer.status)) return void lose(part);
  const next = page?.getElementById(part.id);
  if (!next) throw new Error(`no answer: ${answer.status}`);
  tags.set(address, answer.headers.get("ETag"));
  keep(part, next);
  globalThis.taskhouse.hold();
  window.htmx.swap(part, next.outerHTML, { swapStyle: "outerHTML", swapDelay: 0, settleDelay: 0 });
  const side = document.getElementById("side");
  if (!side.contains(document.activeElement)) side.replaceChildren(...page.getElementById("side").childNodes);
  if (page.getElementById("main").dataset.live === main.dataset.live) main.dataset.seq = page.getElementById("main").dataset.seq;
  return true;
}

function spread() {
  return Math.random() * Math.min(Math.max(SPREAD.times * answerMs, SPREAD.least), SPREAD.most);
}

async function catchUp() {
  const parts = [...document.querySelectorAll("[data-region]")];
  if (!isBehind || isRunning || document.hidden || performance.now() < notBefore || parts.some(isInUse)) return;
  [isRunning, isBehind] = [true, false];
  try {
    for (const part of parts) if ((await refresh(part)) === false) isBehind = true;
  } catch {
    isBehind = true;
    notBefore = performance.now() + 5 * LOOK_MS;
  } finally {
    isRunning = false;
  }
}

// `projects` are numbers of last events; `isWhole` says that there are no others
function hear({ projects, isWhole, isMine }) {
  const here = main.dataset.live;
  const isFirst = !Object.keys(known).length;
  const changed = Object.keys(projects).filter((each) => known[each] !== projects[each]);
  const isLost = isWhole ? here !== "*" && !(here in projects) : !changed.length && !isMine;
  Object.assign(known, projects);
  const isNews = here === "*" ? changed.length > 0 && !isFirst : changed.includes(here) && projects[here] > Number(main.dataset.seq);
  if (!isLost && !isMine && !isNews) return void catchUp();
  const now = performance.now();
  if (isLost) notBefore = now; // what nobody may see any more leaves at once
  else if (!isBehind) notBefore = Math.max(notBefore, now + spread());
  isBehind = true;
  setTimeout(catchUp, notBefore - now + 1); // timers drop fractions
}

function tell(news) {
  channel?.postMessage(news);
  hear(news);
}

let polling = null;
let tag = null;

async function poll() {
  try {
    const answer = await fetch(state, { headers: tag ? { "If-None-Match": tag } : {}, cache: "no-store" });
    if (answer.status === 401) tell({ projects: {}, isMine: true });
    if (!answer.ok) return;
    tag = answer.headers.get("ETag");
    const body = await answer.json();
    tell({ projects: body.projects, isWhole: true, isMine: me !== null && me !== body.me });
    me = body.me;
  } catch {
    // no connection: the next look is in 30 seconds
  }
}

function startPolling() {
  if (polling) return;
  polling = setInterval(poll, POLL_MS);
  poll();
}

function listen() {
  const source = new EventSource(stream);
  source.addEventListener("hello", (event) => {
    clearInterval(polling);
    polling = null;
    tell({ projects: JSON.parse(event.data).projects, isWhole: true });
  });
  source.addEventListener("change", (event) => {
    const { projects, me: isMine } = JSON.parse(event.data);
    tell({ projects, isMine });
  });
  source.addEventListener("bye", (event) => {
    if (JSON.parse(event.data).reason !== "session_ended") return;
    source.close();
    tell({ projects: {}, isMine: true }); // the next page that is fetched is the login
  });
  source.addEventListener("error", () => {
    if (isLeaving || source.readyState !== EventSource.CLOSED) return; // it comes back by itself
    startPolling();
    setTimeout(listen, RETRY_MS * (0.5 + Math.random()));
  });
}

// One tab of a browser asks for all of them; where the browser has no locks (plain http), each for itself
function lead() {
  isLeader = true;
  if (mode === "stream") listen();
  else startPolling();
  return new Promise(() => {});
}

function start() {
  channel?.postMessage("ask");
  if (channel && navigator.locks) navigator.locks.request(name, lead);
  else lead();
}

channel?.addEventListener("message", ({ data }) => {
  if (data !== "ask") hear(data);
  else if (isLeader && Object.keys(known).length) channel.postMessage({ projects: known, isWhole: true });
});
document.addEventListener("htmx:afterSettle", ({ detail: { xhr, requestConfig } }) => {
  if (!xhr || !requestConfig) return;
  const id = requestConfig.target.id === "panel-part" ? "task" : requestConfig.target.id;
  const at = new URL(xhr.responseURL);
  shown.set(id, xhr.status < 400 ? at.pathname + at.search : null);
});
document.addEventListener("visibilitychange", catchUp);
addEventListener("beforeunload", () => {
  isLeaving = true; // or a download begins, and the page stays
  setTimeout(() => { isLeaving = false; }, 5 * LOOK_MS);
});
setInterval(catchUp, LOOK_MS);
setTimeout(start, START_MS);
