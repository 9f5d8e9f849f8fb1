// Keys of every page: Ctrl/Cmd K and / search, J K move through rows, Enter opens, T turns charts into tables, D chooses days, Z undoes. Never while someone types.
const apple = /Mac|iPhone|iPad/.test(navigator.platform);
const typing = (target) => target.closest("input:not([type=checkbox]), select, textarea, [contenteditable]");

for (const hint of document.querySelectorAll("[data-gx-shortcut]")) if (apple) hint.textContent = "⌘ K";

function find(selector) {
  const field = document.querySelector(selector);
  field?.focus();
  field?.select();
  return Boolean(field);
}

function move(step) {
  const rows = [...document.querySelectorAll("[data-gx-rows] tbody tr")].filter((row) => row.querySelector("a[href]"));
  if (!rows.length) return false;
  const now = rows.findIndex((row) => row.contains(document.activeElement));
  rows[Math.min(rows.length - 1, Math.max(0, now + step))].querySelector("a[href]").focus();
  return true;
}

const undo = () => {
  const button = [...document.querySelectorAll("[data-gx-undo]")].pop();
  button?.click();
  return Boolean(button);
};

function dates() {
  const control = document.querySelector("[data-gx-period]");
  if (control) control.open = !control.open;
  control?.querySelector(control.open ? "a" : "summary").focus();
  return Boolean(control);
}

function twins() {
  const own = document.activeElement.closest(".gx-chart")?.querySelectorAll("[data-gx-twin]");
  const switches = own?.length ? own : document.querySelectorAll("[data-gx-twin]");
  for (const each of switches) each.click();
  return Boolean(switches.length);
}

const acts = {
  "/": () => find("[data-gx-search] input") || find("[data-gx-find] input"),
  j: () => move(1),
  k: () => move(-1),
  d: dates,
  t: twins,
  z: undo,
};

document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
    if (find("[data-gx-find] input")) event.preventDefault();
    return;
  }
  const off = document.documentElement.dataset.gxKeys === "off";
  if (off || event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
  if (acts[event.key.toLowerCase()]?.()) event.preventDefault();
});
