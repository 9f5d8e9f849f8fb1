// After a swap the number of results is read aloud.
document.addEventListener("htmx:after:swap", (event) => {
  const region = document.getElementById("gx-announce");
  const words = document.querySelector("#list [data-gx-announce]");
  if (region && words && event.detail.ctx.select === "#list") region.textContent = words.textContent.trim();
});
