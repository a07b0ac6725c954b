// Cards that are dragged, and moved by Alt and arrows (contract PG10). Both press a button of the board's one form:
// what the menu of a card offers, or the hidden one that a drop fills in.

const board = () => document.getElementById("board");
// A view's board: tasks of many projects have no common order, so that a card changes its column alone
const isLoose = () => board().dataset.loose !== undefined;

function send(card, name, value, status) {
  const button = document.getElementById("drop");
  const field = document.getElementById("drop-status");
  button.setAttribute("formaction", `${board().dataset.tasks}${card.dataset.task}/${isLoose() ? "" : "move/"}`);
  Object.assign(button, { name, value });
  Object.assign(field, { disabled: !status, value: status ?? "" });
  button.click();
  field.disabled = true;
}

function drop({ item, from, to, oldDraggableIndex, newDraggableIndex }) {
  if (from === to && oldDraggableIndex === newDraggableIndex) return;
  if (isLoose()) return from === to ? undefined : send(item, "status", to.dataset.status);
  const cards = [...to.querySelectorAll(".card")];
  const at = cards.indexOf(item);
  const status = from === to ? null : to.dataset.status;
  if (at > 0) send(item, "after", cards[at - 1].dataset.task, status);
  else if (cards.length > 1) send(item, "before", cards[1].dataset.task, status);
  else send(item, "position", "first", status);
}

function arm() {
  for (const list of board()?.querySelectorAll(".col > ol") ?? []) {
    window.Sortable.create(list, {
      group: "cards", draggable: ".card", sort: !isLoose(), filter: "button, .menu, .menu *", preventOnFilter: false,
      forceFallback: true, fallbackTolerance: 4, delay: 200, delayOnTouchOnly: true, animation: 100,
      ghostClass: "slot", fallbackClass: "held", onEnd: drop,
    });
  }
}

document.addEventListener("keydown", (event) => {
  const card = event.target.closest?.(".card");
  const ways = { ArrowUp: "up", ArrowDown: "down", ArrowLeft: -1, ArrowRight: 1 };
  const way = ways[event.key];
  if (!card || !way || !event.altKey || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  if (typeof way === "string") return card.querySelector(`[data-way=${way}]`)?.click();
  const columns = [...board().querySelectorAll(".col > ol")];
  const side = getComputedStyle(board()).direction === "rtl" ? -way : way;
  const next = columns[columns.indexOf(card.parentElement) + side];
  if (next) card.querySelector(`[name=status][value=${next.dataset.status}]`)?.click();
});
document.addEventListener("htmx:afterSettle", (event) => event.target.querySelector?.("#board") && arm());
arm();
