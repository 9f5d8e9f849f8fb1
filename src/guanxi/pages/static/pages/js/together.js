// A group of boxes with one that stands for all of them: it follows the others, they follow it, and what is chosen is counted.
// Without a script it still chooses all.
const GROUP = "[data-gx-together]";
const parts = (group) => ({
  whole: group.querySelector("[name=whole]"),
  boxes: [...group.querySelectorAll("[type=checkbox]:not([name=whole])")],
});

function tell(group) {
  const { whole, boxes } = parts(group);
  const chosen = boxes.filter((box) => box.checked).length;
  whole.checked = chosen === boxes.length;
  whole.indeterminate = chosen > 0 && !whole.checked;
  group.querySelector("[data-gx-chosen]").textContent = chosen;
}

document.addEventListener("change", ({ target }) => {
  const group = target.closest?.(GROUP);
  if (!group) return;
  const { whole, boxes } = parts(group);
  if (target === whole) for (const box of boxes) box.checked = whole.checked;
  tell(group);
});
const tellAll = () => document.querySelectorAll(GROUP).forEach(tell);
addEventListener("pageshow", tellAll); // also what the browser fills in again after the back button
tellAll();
