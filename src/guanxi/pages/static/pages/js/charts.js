// Charts are drawn by modules of their own, loaded once a page holds one and its words are painted.
let drawing;

async function draw() {
  const box = document.querySelector("[data-gx-chart]");
  if (box) drawing ??= import(box.dataset.gxDrawing);
  (await drawing)?.drawAll();
}

document.addEventListener("htmx:after:swap", draw);
requestAnimationFrame(() => setTimeout(draw));
