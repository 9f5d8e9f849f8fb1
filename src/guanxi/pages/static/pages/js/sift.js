// A long list of boxes in folded groups is narrowed by typing: groups open where something fits, what does not is out of
// sight and stays chosen or not as it was. An empty field folds what typing opened.
function sift(group, wanted) {
  const boxes = [...group.querySelectorAll("label:has([name=names])")];
  for (const box of boxes) box.hidden = !box.textContent.toLowerCase().includes(wanted);
  group.querySelector("label:has([name=whole])").hidden = Boolean(wanted);
  group.hidden = boxes.every((box) => box.hidden);
  if (wanted && !group.open) group.dataset.gxOpened = "";
  if (wanted || "gxOpened" in group.dataset) group.open = Boolean(wanted);
  if (!wanted) delete group.dataset.gxOpened;
}

for (const field of document.querySelectorAll("[data-gx-sift]")) {
  const groups = document.querySelectorAll(`${field.dataset.gxSift} details`);
  field.addEventListener("input", () => {
    for (const group of groups) sift(group, field.value.trim().toLowerCase());
  });
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter") event.preventDefault(); // it sends no form
  });
}
