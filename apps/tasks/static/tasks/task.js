// Sign in, show the task, sign out again. Tokens live in this script's memory alone.
"use strict";

const element = (id) => document.getElementById(id);
const form = element("form");

async function ask(path, options = {}) {
  const response = await fetch(form.dataset.api + path, { credentials: "omit", cache: "no-store", ...options });
  const text = await response.text();
  const body = text ? JSON.parse(text) : null;
  if (!response.ok) throw new Error(body && body.detail ? body.detail : `The server answered ${response.status}.`);
  return body;
}

function post(path, body) {
  return ask(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
}

async function load() {
  const session = await post("auth/login/", {
    username: element("username").value,
    password: element("password").value,
  });
  try {
    return await ask(`tasks/${form.dataset.task}/`, { headers: { Authorization: `Bearer ${session.access}` } });
  } finally {
    await post("auth/logout/", { refresh: session.refresh }).catch(() => {});
  }
}

const person = (who) => (who ? who.nickname || who.username : "nobody");
const instant = (text) => (text ? new Date(text).toLocaleString(undefined, { dateStyle: "full", timeStyle: "short" }) : "–");

function show(task) {
  element("title").textContent = `${task.key} ${task.title}`;
  document.title = task.key;
  const facts = {
    Status: task.status.replace("_", " "),
    Priority: task.priority,
    Assignee: person(task.assigned_to),
    "Created by": person(task.created_by),
    Due: instant(task.due_date),
    Changed: instant(task.updated_at),
    Description: task.description || "–",
  };
  for (const [name, value] of Object.entries(facts)) {
    const term = document.createElement("dt");
    const text = document.createElement("dd");
    term.textContent = name;
    text.textContent = value; // never as HTML: people wrote it
    text.style.whiteSpace = "pre-wrap";
    element("facts").append(term, text);
  }
  element("facts").hidden = false;
  form.remove();
  element("hint").remove();
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const button = form.querySelector("button");
  element("rejected").hidden = button.disabled = true;
  try {
    show(await load());
  } catch (error) {
    element("rejected").textContent = error.message === "Not found." ? "There is no such task, or you do not see it." : error.message;
    element("rejected").hidden = false;
    button.disabled = false;
    element("password").value = "";
  }
});
form.hidden = false;
