// A button that copies what stands elsewhere on the page, and says so; without a clipboard it stays away.
const buttons = () => document.querySelectorAll("[data-gx-copy][hidden]");

function offer() {
  if (navigator.clipboard) for (const button of buttons()) button.hidden = false;
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest?.("[data-gx-copy]");
  if (!button) return;
  const source = document.querySelector(button.dataset.gxCopy);
  await navigator.clipboard.writeText(source.value ?? source.textContent);
  button.lastChild.textContent = button.dataset.gxCopied;
  document.getElementById("gx-announce").textContent = button.dataset.gxCopied;
});
document.addEventListener("htmx:after:swap", offer);
offer();
