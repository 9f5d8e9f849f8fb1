// The columns of a list change places by two buttons, or by Alt with an arrow.
function move(item, step) {
  const other = step < 0 ? item.previousElementSibling : item.nextElementSibling;
  if (!other || !other.querySelector("[data-gx-move]")) return;
  if (step < 0) other.before(item);
  else other.after(item);
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-gx-move]");
  if (!button) return;
  move(button.closest("li"), Number(button.dataset.gxMove));
  button.focus();
});
document.addEventListener("keydown", (event) => {
  const item = event.altKey && event.target.closest("[data-gx-columns] li");
  const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
  if (!item || !step) return;
  event.preventDefault();
  const there = document.activeElement;
  move(item, step);
  there.focus();
});
