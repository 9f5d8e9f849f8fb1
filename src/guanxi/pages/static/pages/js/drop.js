// A file dropped on the field is chosen as if it had been picked; the form works without it.
const zone = (event) => event.target.closest?.("[data-gx-drop]");

document.addEventListener("dragover", (event) => {
  const over = zone(event);
  if (!over) return;
  event.preventDefault();
  over.dataset.over = "";
});
document.addEventListener("dragleave", (event) => {
  const left = zone(event);
  if (left && !left.contains(event.relatedTarget)) delete left.dataset.over;
});
document.addEventListener("drop", (event) => {
  const target = zone(event);
  if (!target) return;
  event.preventDefault();
  delete target.dataset.over;
  const field = target.querySelector("input[type=file]");
  if (!field || !event.dataTransfer.files.length) return;
  field.files = event.dataTransfer.files;
  field.dispatchEvent(new Event("change", { bubbles: true }));
});
