// Quick add draws how a line will be read, while somebody types (contract QA). The server reads it: this only asks for
// the chips, each of which is a box that keeps its piece as text. Without this file the form works alone.

const WAIT_MS = 300;

function follow(form) {
  const line = form.elements.text;
  const chips = form.querySelector("[data-chips]");
  let timer;
  let running;

  async function draw() {
    running?.abort();
    running = new AbortController();
    if (!line.value.trim()) return chips.replaceChildren();
    try {
      const answer = await fetch(form.dataset.quick, {
        method: "POST", body: new FormData(form), signal: running.signal, redirect: "error",
      });
      if (!answer.ok) return;
      const focused = chips.contains(document.activeElement) ? document.activeElement.value : null;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      chips.replaceChildren(...page.body.childNodes);
      if (focused !== null) chips.querySelector(`input[value="${CSS.escape(focused)}"]`)?.focus();
    } catch {
      // no connection: the form is as good without chips
    }
  }

  line.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(draw, WAIT_MS);
  });
  chips.addEventListener("change", draw);
}

function followAll() {
  for (const form of document.querySelectorAll("form[data-quick]:not([data-followed])")) {
    form.dataset.followed = "";
    follow(form);
  }
}

document.addEventListener("htmx:afterSettle", followAll);
followAll();
