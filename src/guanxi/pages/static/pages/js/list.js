// Lists: F opens what a list can be narrowed by; typing there leaves the filters and values of that name. Never while
// someone types elsewhere.
const field = () => document.querySelector("[data-gx-narrow-text]");

document.addEventListener("keydown", (event) => {
  const off = document.documentElement.dataset.gxKeys === "off";
  const held = event.ctrlKey || event.metaKey || event.altKey;
  if (off || held || event.key.toLowerCase() !== "f" || event.target.closest("input:not([type=checkbox]), select, textarea, [contenteditable]")) return;
  const menu = document.querySelector("[data-gx-narrow]");
  if (!menu || document.querySelector("dialog[open]")) return;
  event.preventDefault();
  menu.open = true;
  field()?.focus();
});
document.addEventListener("htmx:after:swap", () => {
  const menu = document.querySelector("[data-gx-narrow][open]");
  const typed = field();
  if (menu && typed && !menu.contains(document.activeElement)) typed.focus();
  if (typed?.value.trim()) narrow(typed.value.trim().toLocaleLowerCase());
});

const fits = (element, text) => element.textContent.toLocaleLowerCase().includes(text);

function narrow(text) {
  let some = false;
  for (const group of document.querySelectorAll("[data-gx-narrow-group]")) {
    const named = fits(group.querySelector("summary"), text);
    let found = named;
    for (const value of group.querySelectorAll("[data-gx-narrow-value]")) {
      value.hidden = !named && !fits(value, text);
      found ||= !value.hidden;
    }
    group.hidden = !found;
    if (text) group.open = found;
    some ||= found;
  }
  document.querySelector("[data-gx-narrow-none]").hidden = some;
}

document.addEventListener("input", (event) => {
  if (event.target.matches("[data-gx-narrow-text]")) narrow(event.target.value.trim().toLocaleLowerCase());
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !event.target.matches("[data-gx-narrow-text]")) return;
  event.preventDefault();
  const first = [...document.querySelectorAll("[data-gx-narrow-value]")].find((value) => value.checkVisibility());
  if (event.target.value.trim()) first?.click();
});
