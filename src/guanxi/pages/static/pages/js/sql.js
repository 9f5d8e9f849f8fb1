// A field of SQL: Ctrl+Enter runs its cell, its lines are numbered, and a query from the shelf beside it goes where the
// caret was last.
let last = null;

function numbered(field) {
  const count = field.value.split("\n").length;
  field.rows = Math.max(4, Math.min(count, 40));
  field.previousElementSibling.textContent = Array.from({ length: count }, (_, at) => at + 1).join("\n");
  field.previousElementSibling.scrollTop = field.scrollTop;
}

function insert(text) {
  const field = last?.isConnected ? last : [...document.querySelectorAll("[data-gx-sql]")].at(-1);
  if (!field) return;
  if (!field.value.trim()) field.select();
  field.setRangeText(text, field.selectionStart, field.selectionEnd, "end");
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.focus();
}

document.addEventListener("focusin", ({ target }) => {
  if (target.matches("[data-gx-sql]")) last = target;
});
document.addEventListener("input", ({ target }) => {
  if (target.matches("[data-gx-sql]")) numbered(target);
});
document.addEventListener("scroll", ({ target }) => {
  if (target.matches?.("[data-gx-sql]")) target.previousElementSibling.scrollTop = target.scrollTop;
}, true);
document.addEventListener("keydown", (event) => {
  const { target } = event;
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || !target.matches("[data-gx-sql]")) return;
  event.preventDefault();
  target.form.requestSubmit(document.querySelector(`button[form="${target.form.id}"][value="${target.dataset.gxSql}"]`));
});
document.addEventListener("click", ({ target }) => {
  const button = target.closest("[data-gx-insert]");
  if (button) insert(button.dataset.gxInsert);
});
for (const field of document.querySelectorAll("[data-gx-sql]")) numbered(field);
