// A long list of boxes is narrowed by typing: what does not fit is out of sight, and stays chosen or not as it was.
for (const field of document.querySelectorAll("[data-gx-sift]")) {
  const groups = document.querySelectorAll(`${field.dataset.gxSift} fieldset`);
  field.closest("[hidden]")?.removeAttribute("hidden");
  field.addEventListener("input", () => {
    const wanted = field.value.trim().toLowerCase();
    for (const group of groups) {
      const boxes = [...group.querySelectorAll("label")];
      for (const box of boxes) box.hidden = !box.textContent.toLowerCase().includes(wanted);
      group.hidden = boxes.every((box) => box.hidden);
    }
  });
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter") event.preventDefault(); // it sends no form
  });
}
