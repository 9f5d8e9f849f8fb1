// Open explanations and menus close on a click outside, on Escape, and when another opens.
const open = () => document.querySelectorAll("details.gx-pop[open], details.gx-more[open]");

document.addEventListener("click", (event) => {
  for (const each of open()) if (!each.contains(event.target)) each.open = false;
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const each of open()) {
    each.open = false;
    each.querySelector("summary").focus();
  }
});
