// Rows chosen for an act: X ticks the row one is on, the box on top ticks the page, Escape lets go of all.
const boxes = () => [...document.querySelectorAll("[name=pick]")];

function count() {
  const words = document.querySelector("[data-gx-chosen-count]");
  if (!words) return;
  const all = boxes();
  const ticked = all.filter((box) => box.checked).length;
  const top = document.querySelector("[data-gx-pick-page]");
  words.textContent = ticked === 1 ? words.dataset.one : words.dataset.many.replace("{n}", ticked);
  top.checked = ticked > 0 && ticked === all.length;
  top.indeterminate = ticked > 0 && ticked < all.length;
}

document.addEventListener("change", (event) => {
  const all = event.target.matches("[data-gx-all]");
  if (event.target.matches("[data-gx-pick-page]") || (all && event.target.checked)) for (const box of boxes()) box.checked = event.target.checked;
  if (all || event.target.matches("[name=pick], [data-gx-pick-page]")) count();
});
document.addEventListener("reset", (event) => {
  if (event.target.matches("[data-gx-chosen]")) setTimeout(count);
});
document.addEventListener("keydown", (event) => {
  const form = document.querySelector("[data-gx-chosen]");
  const off = document.documentElement.dataset.gxKeys === "off" || event.ctrlKey || event.metaKey || event.altKey;
  if (!form || off || document.querySelector("dialog[open], details[open].gx-pop")) return;
  if (event.key === "Escape") form.reset();
  if (event.key.toLowerCase() !== "x" || event.target.closest("input:not([type=checkbox]), select, textarea, [contenteditable]")) return;
  const box = event.target.closest("tr")?.querySelector("[name=pick]");
  if (!box) return;
  box.checked = !box.checked;
  count();
  event.preventDefault();
});
document.addEventListener("htmx:after:swap", count);
count();
