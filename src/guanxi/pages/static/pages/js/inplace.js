// Editing in place: the field has the focus as soon as it is there, Escape leaves it as it was (what was typed is kept as a
// draft), and afterwards the focus is where it was before.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const form = event.target.closest?.("[data-gx-in-place]");
  if (!form) return;
  event.preventDefault();
  form.querySelector("[data-gx-leave-field]").click();
});
document.addEventListener("htmx:after:swap", () => {
  const form = document.querySelector("[data-gx-in-place]:not([data-gx-entered])");
  if (form) {
    form.dataset.gxEntered = "once";
    const field = form.querySelector("input:not([type=hidden]), select, textarea");
    field?.focus();
    if (field?.type === "text") field.select();
  }
  const arrived = document.querySelector("[data-gx-arrived]");
  arrived?.removeAttribute("data-gx-arrived");
  arrived?.focus();
});

// What tells of a page's own changes, such as a timeline, is loaded anew after each of them.
document.addEventListener("htmx:finally:request", (event) => {
  const { request, response, sourceElement } = event.detail.ctx;
  if (request?.method !== "POST" || !response || response.status >= 400 || sourceElement?.closest("[data-gx-quiet]")) return;
  for (const each of document.querySelectorAll("[data-gx-fresh]")) {
    htmx.ajax("GET", each.dataset.gxFresh, { source: each, target: each, swap: "outerHTML" });
  }
});
document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-gx-enter]");
  const field = opener && document.querySelector(opener.dataset.gxEnter);
  if (!field?.checkVisibility()) return;
  event.preventDefault();
  field.scrollIntoView({ block: "center" });
  field.focus();
});
