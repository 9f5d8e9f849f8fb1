// A panel that could not be loaded says so in its own place and offers another try; other failures are told below the page.
const KINDS = { 403: "denied", 404: "gone" };

function tell(kind) {
  const alert = document.getElementById("gx-alert");
  if (!alert) return;
  alert.hidden = false;
  for (const words of alert.querySelectorAll("[data-gx-alert]")) words.hidden = words.dataset.gxAlert !== kind;
}

function failed(source, kind) {
  if (source?.closest?.("[data-gx-quiet]")) return;
  const panel = source?.closest?.("[data-gx-panel]");
  if (!panel) return tell(kind);
  panel.classList.add("gx-panel-failed");
  panel.removeAttribute("aria-busy");
}

document.addEventListener("htmx:response:error", (event) => {
  const { sourceElement, response } = event.detail.ctx;
  if (response.status === 401 && sourceElement.matches("[data-gx-panel]")) failed(sourceElement, "denied");
  if (response.status >= 500 || response.status in KINDS) failed(sourceElement, KINDS[response.status] ?? "broken");
});
document.addEventListener("htmx:error", (event) => failed(event.detail.ctx?.sourceElement, "offline"));
document.addEventListener("click", (event) => {
  const panel = event.target.closest("[data-gx-retry]")?.closest("[data-gx-panel]");
  if (!panel) return;
  panel.classList.remove("gx-panel-failed");
  panel.setAttribute("aria-busy", "true");
  htmx.ajax("GET", panel.getAttribute("hx-get"), { source: panel, target: panel, swap: "outerHTML" });
});
