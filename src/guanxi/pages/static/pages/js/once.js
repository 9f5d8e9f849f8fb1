// A form is sent once, however often its button is pressed; where it did not get through, it can be sent again.
const LET_GO = 10_000;

document.addEventListener(
  "submit",
  (event) => {
    const form = event.target;
    const method = event.submitter?.formMethod || form.method;
    if (method !== "post" || form.matches("[data-gx-file]")) return; // the same file may be wanted in two forms
    if (form.dataset.gxSent) {
      event.preventDefault();
      event.stopImmediatePropagation();
      return;
    }
    form.dataset.gxSent = "once";
    const free = () => delete form.dataset.gxSent;
    setTimeout(() => {
      if (event.defaultPrevented && !form.matches("[hx-post]")) free();
    });
    setTimeout(free, LET_GO);
  },
  true,
);
document.addEventListener("htmx:finally:request", (event) => {
  const form = event.detail.ctx?.sourceElement?.closest?.("form");
  if (form) delete form.dataset.gxSent;
});
window.addEventListener("pageshow", (event) => {
  // The back button may show the page as it was left: what it says may have changed since.
  if (event.persisted) location.reload();
});
