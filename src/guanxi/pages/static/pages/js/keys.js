// Keys of every page: / search, J K move through rows or to the next record, Z undoes, ? lists the keys, and the letters
// of the page's own verbs. Never while someone types, never behind a dialog; letters can be switched off.
const apple = /Mac|iPhone|iPad/.test(navigator.platform);
const typing = (target) => target.closest?.("input:not([type=checkbox], [type=radio]), select, textarea, [contenteditable]");

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

const acts = {
  "/": () => find("[data-gx-search] input") || window.gxPalette?.(),
  "?": () => {
    document.getElementById("gx-keys")?.showModal();
    return true;
  },
  j: () => move(1),
  k: () => move(-1),
  z: undo,
};

// What a verb goes to where the page has it: a field is entered, anything else is pressed.
window.gxReach = (selector) => {
  const there = selector && [...document.querySelectorAll(selector)].find((each) => each.checkVisibility());
  if (!there) return false;
  there.scrollIntoView({ block: "center" });
  if (typing(there)) there.focus();
  else there.click();
  return true;
};

function own(letter) {
  const verb = document.querySelector(`[data-gx-key="${CSS.escape(letter)}"]`);
  if (!verb) return false;
  if (!window.gxReach(verb.dataset.gxFocus)) verb.click();
  return true;
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
