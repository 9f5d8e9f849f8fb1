// Keys of every page: / search, J K move through rows or to the next record, Z undoes, ? lists the keys, and the letters
// of the page's own verbs. Never while someone types, never behind a dialog; letters can be switched off.
const apple = /Mac|iPhone|iPad/.test(navigator.platform);
const typing = (target) => target.closest?.("input:not([type=checkbox], [type=radio]), select, textarea, [contenteditable]");

const PATIENCE = 2_000;
const SOUGHT = "gx-sought";

for (const hint of document.querySelectorAll("[data-gx-shortcut]")) if (apple) hint.textContent = "⌘ K";

function find(selector) {
  const field = document.querySelector(selector);
  if (!field?.checkVisibility()) return false;
  field.focus();
  field.select();
  return true;
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
  "/": () => find("[data-gx-search] input") || window.gxPalette?.(),
  "?": () => {
    document.getElementById("gx-keys")?.showModal();
    return true;
  },
  j: () => move(1),
  k: () => move(-1),
  d: dates,
  t: twins,
  z: undo,
};

// What waits below a panel that is still loading cannot be entered yet.
const isSeen = (each) => each.checkVisibility({ visibilityProperty: true });

// What a verb goes to where the page has it: a field is entered, anything else is pressed.
window.gxReach = (selector) => {
  const there = selector && [...document.querySelectorAll(selector)].find(isSeen);
  if (!there) return false;
  there.scrollIntoView({ block: "center" });
  if (typing(there)) there.focus();
  else there.click();
  return true;
};

// Go to what a verb is about as soon as a panel that is still loading has brought it. The answer stops this, and tells
// whether it was still going on.
function awaited(selector) {
  let going = true;
  const stop = () => {
    document.removeEventListener("htmx:after:swap", look);
    const was = going;
    going = false;
    return was;
  };
  const look = () => window.gxReach(selector) && stop();
  document.addEventListener("htmx:after:swap", look);
  return stop;
}

// An address of this page keeps the list one came through; the next page goes on to what the verb is about.
function follow({ href, dataset }) {
  const target = new URL(href, location.href);
  if (target.pathname === location.pathname) {
    for (const [name, value] of new URLSearchParams(location.search)) {
      if (!target.searchParams.has(name)) target.searchParams.set(name, value);
    }
  }
  keep(dataset.gxFocus);
  location.assign(target);
}

// A browser that keeps nothing opens the page all the same.
function keep(selector) {
  try {
    const kept = sessionStorage.getItem(SOUGHT);
    if (selector) sessionStorage.setItem(SOUGHT, selector);
    else sessionStorage.removeItem(SOUGHT);
    return kept;
  } catch {
    return null;
  }
}

// Go to what a verb is about, else, where the page does not bring it in time, to its own page.
window.gxDo = (verb) => {
  const { gxFocus } = verb.dataset;
  if (window.gxReach(gxFocus)) return;
  if (!gxFocus || !document.querySelector("[data-gx-panel][aria-busy=true]")) return follow(verb);
  const stop = awaited(gxFocus);
  setTimeout(() => stop() && follow(verb), PATIENCE);
};

const sought = keep();
if (sought && !window.gxReach(sought)) {
  const stop = awaited(sought);
  for (const act of ["pointerdown", "keydown"]) document.addEventListener(act, stop, { once: true });
}

function own(letter) {
  const verb = document.querySelector(`[data-gx-key="${CSS.escape(letter)}"]`);
  if (verb) window.gxDo(verb);
  return Boolean(verb);
}

document.addEventListener("keydown", (event) => {
  const off = document.documentElement.dataset.gxKeys === "off" && event.key !== "?";
  if (off || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (typing(event.target) || document.querySelector("dialog[open]")) return;
  const key = event.key.toLowerCase();
  if (own(key) || acts[key]?.()) event.preventDefault();
});
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-gx-close]")) event.target.closest("dialog")?.close();
  else if (event.target.matches("dialog.gx-palette, dialog.gx-keys")) event.target.close();
});
