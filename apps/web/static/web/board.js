// Cards that are dragged, and moved by Alt and arrows (contract PG10). Both press a button of the board's one form:
// what the menu of a card offers, or the hidden one that a drop fills in. A column says by its data which field of a
// card it sets, and to what.

const board = () => document.getElementById("board");
// A view's board: tasks of many projects have no common order, so that a card changes its column alone
const isLoose = () => board().dataset.loose !== undefined;
const MOVES = ".card:has([popovertarget])"; // the reader may change its task
let dragged = null;

function send(card, column, [name, value] = []) {
  const button = document.getElementById("drop");
  const field = Object.assign(document.createElement("input"), { type: "hidden" });
  if (column) Object.assign(field, { name: column.dataset.field, value: column.dataset.value });
  button.setAttribute("formaction", `${board().dataset.tasks}${card.dataset.task}/${board().dataset.act}`);
  if (name) Object.assign(button, { name, value });
  else button.removeAttribute("name");
  button.before(field);
  button.click();
  field.remove();
}

function drop({ item, from, to, oldDraggableIndex, newDraggableIndex }) {
  if (from === to && (isLoose() || oldDraggableIndex === newDraggableIndex)) return;
  const column = from === to ? null : to;
  if (isLoose()) return send(item, column);
  const cards = [...to.querySelectorAll(".card")];
  const at = cards.indexOf(item);
  if (at > 0) send(item, column, ["after", cards[at - 1].dataset.task]);
  else if (cards.length > 1) send(item, column, ["before", cards[1].dataset.task]);
  else send(item, column, ["position", "first"]);
}

function arm() {
  for (const list of board()?.querySelectorAll(".col > ol[data-field]") ?? []) {
    window.Sortable.create(list, {
      group: "cards", draggable: MOVES, sort: !isLoose(), filter: "button, .menu, .menu *", preventOnFilter: false,
      forceFallback: true, fallbackTolerance: 4, delay: 200, delayOnTouchOnly: true, animation: 100,
      ghostClass: "slot", fallbackClass: "held", onEnd: drop,
      onStart: ({ item, from }) => (dragged = { item, from, next: item.nextSibling }),
    });
  }
}

document.addEventListener("keydown", (event) => {
  const card = event.target.closest?.(MOVES);
  const ways = { ArrowUp: "up", ArrowDown: "down", ArrowLeft: -1, ArrowRight: 1 };
  const way = ways[event.key];
  if (!card || !way || !event.altKey || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  if (typeof way === "string") return card.querySelector(`[data-way=${way}]`)?.click();
  const columns = [...board().querySelectorAll(".col > ol[data-field]")];
  const side = getComputedStyle(board()).direction === "rtl" ? -way : way;
  const next = columns[columns.indexOf(card.parentElement) + side];
  if (next) send(card, next);
});
// What was not done goes back to where it was: the answer had no board to swap, or there was none
document.addEventListener("htmx:afterRequest", () => {
  if (dragged?.item.isConnected && dragged.from.isConnected) dragged.from.insertBefore(dragged.item, dragged.next?.parentNode === dragged.from ? dragged.next : null);
  dragged = null;
});
document.addEventListener("htmx:afterSettle", (event) => event.target.querySelector?.("#board") && arm());
arm();
