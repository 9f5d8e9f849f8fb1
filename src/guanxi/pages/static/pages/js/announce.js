// After a swap the number of results is read aloud.
document.addEventListener("htmx:after:swap", (event) => {
  const target = event.detail.ctx.target;
  const words = target?.isConnected && target.querySelector("[data-gx-announce]");
  if (words) document.getElementById("gx-announce").textContent = words.textContent.trim();
});
