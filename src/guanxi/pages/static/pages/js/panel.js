// A panel that could not be loaded says so in its own place and offers another try; other failures are told below the page.
const KINDS = { 403: "denied", 404: "gone" };

function tell(kind, said) {
  const alert = document.getElementById("gx-alert");
  if (!alert) return;
  alert.hidden = false;
  if (said) alert.querySelector("[data-gx-alert=said]").textContent = said;
  for (const words of alert.querySelectorAll("[data-gx-alert]")) words.hidden = words.dataset.gxAlert !== kind;
}

function failed(source, kind, said) {
  if (source?.closest?.("[data-gx-quiet]")) return;
  const panel = source?.closest?.("[data-gx-panel]");
  if (!panel) return tell(said ? "said" : kind, said);
  if (said) panel.querySelector("[data-gx-reason]").textContent = said;
  panel.classList.add("gx-panel-failed");
  panel.removeAttribute("aria-busy");
}

document.addEventListener("htmx:response:error", (event) => {
  const { sourceElement, response } = event.detail.ctx;
  const said = decodeURIComponent(response.headers.get("Guanxi-Said") ?? ""); // a named error says it itself
  if (said) return failed(sourceElement, "said", said);
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
