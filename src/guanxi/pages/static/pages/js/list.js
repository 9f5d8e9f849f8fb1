// Keys of lists: F opens what a list can be narrowed by. Never while someone types.
document.addEventListener("keydown", (event) => {
  const off = document.documentElement.dataset.gxKeys === "off";
  const held = event.ctrlKey || event.metaKey || event.altKey;
  if (off || held || event.key.toLowerCase() !== "f" || event.target.closest("input, select, textarea, [contenteditable]")) return;
  const menu = document.querySelector("[data-gx-narrow]");
  if (!menu) return;
  event.preventDefault();
  menu.open = true;
  menu.querySelector("a").focus();
});
