// What was typed and could not be sent, because the session had ended or the site answered with an error, is kept by
// this tab and stands in its form again afterwards: for the same person alone, until the tab is closed or they sign out.

const KEY = "taskhouse:drafts";
const LOST = "input[type=hidden], input[type=password], input[type=file], input[type=submit], [readonly]";
const TYPED = "textarea, input:not([type=checkbox], [type=radio])";
const frame = document.getElementById("side");
const person = frame?.dataset.person;
const isFailed = !person || document.querySelector("[data-fault]") !== null; // a login, or an error
const [{ type: navigation }] = performance.getEntriesByType("navigation");

function stored() {
  try {
    return JSON.parse(sessionStorage.getItem(KEY)) ?? { drafts: [] };
  } catch {
    return { drafts: [] }; // a browser that lets pages keep nothing
  }
}

const owner = person ?? stored().person; // a login cannot know who comes

function read() {
  const kept = stored();
  return kept.person === owner ? kept.drafts : [];
}

function write(drafts) {
  try {
    if (drafts.length) sessionStorage.setItem(KEY, JSON.stringify({ person: owner, drafts }));
    else sessionStorage.removeItem(KEY);
  } catch {
    // full, or not allowed
  }
}

const isTick = (field) => field.type === "checkbox" || field.type === "radio";
const isPost = (form) => form.getAttribute("method")?.toLowerCase() === "post";
const valueOf = (field) => (field.type === "select-multiple" ? [...field.selectedOptions].map((each) => each.value) : field.value);
const addressOf = (form) => new URL(form.getAttribute("action") || location.href, location.href).pathname;
const fieldsOf = (form) => [...form.elements].filter((each) => each.name && each.matches("input, textarea, select") && !each.matches(LOST));

function isChanged(field) {
  if (isTick(field)) return field.checked !== field.defaultChecked;
  if (field.tagName !== "SELECT") return field.value !== field.defaultValue;
  const first = [...field.options].filter((each) => each.defaultSelected).map((each) => each.value);
  const chosen = [...field.selectedOptions].map((each) => each.value);
  return first.length || field.multiple ? first.join("\n") !== chosen.join("\n") : field.selectedIndex > 0;
}

// A form that came back with errors has what was typed as its first values
function draftOf(form) {
  const isAgain = form.querySelector("[role=alert], .error") !== null;
  const fields = fieldsOf(form).filter((each) => isAgain || isChanged(each));
  if (!isPost(form) || !fields.some((each) => each.matches(TYPED) && each.value)) return null;
  const panel = form.closest(".panel")?.querySelector("[data-page]").href;
  return {
    action: addressOf(form),
    page: form.dataset.page ?? panel ?? location.pathname + location.search,
    version: form.elements.namedItem("version")?.value, // so that a change by others meanwhile is shown, not overwritten
    fields: fields.map((each) => ({ name: each.name, value: valueOf(each), checked: isTick(each) ? each.checked : null })),
    isNew: true,
  };
}

function placeOf(form, { name, value, checked }) {
  return fieldsOf(form).find((each) => each.name === name && (checked === null ? !isTick(each) : isTick(each) && each.value === value));
}

function fill(form, draft) {
  for (const saved of draft.fields) {
    const field = placeOf(form, saved);
    if (saved.checked !== null) field.checked = saved.checked;
    else if (field.type === "select-multiple") for (const each of field.options) each.selected = saved.value.includes(each.value);
    else field.value = saved.value;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
  if (draft.version) form.elements.namedItem("version").value = draft.version;
  fieldsOf(form).find((each) => each.matches(TYPED) && isChanged(each))?.focus();
}

// Returns whether the form is on the page
function offer(draft) {
  const forms = [...document.forms].filter((each) => isPost(each) && addressOf(each) === draft.action);
  const form = forms.find((each) => draft.fields.every((saved) => placeOf(each, saved)) && Boolean(each.elements.namedItem("version")) === Boolean(draft.version));
  if (form) fill(form, draft);
  return Boolean(form);
}

function offerAll() {
  const drafts = read();
  const left = drafts.filter((each) => each.isNew || !offer(each));
  const words = document.getElementById("toast").dataset;
  const hidden = left.find((each) => !each.isNew && !each.isSaid);
  if (left.length < drafts.length) globalThis.taskhouse.say(words.back);
  else if (hidden) globalThis.taskhouse.say(words.kept, { href: hidden.page, text: words.there });
  if (hidden) hidden.isSaid = true;
  if (drafts.length) write(left);
}

if (isFailed || navigation === "reload") write(read().map((each) => ({ ...each, isNew: false })));
else write(read().filter((each) => !each.isNew)); // was sent, or left on purpose

if (person) {
  let isLeaving = false;
  document.addEventListener("submit", (event) => {
    isLeaving = event.target.matches("[data-logout]");
  });
  addEventListener("pagehide", () => {
    const drafts = [...document.forms].map(draftOf).filter(Boolean);
    if (isLeaving) write([]);
    else if (drafts.length) write([...read().filter((old) => !drafts.some((each) => each.action === old.action)), ...drafts]);
  });
  if (!isFailed) {
    offerAll();
    document.addEventListener("htmx:afterSettle", offerAll);
  }
}
