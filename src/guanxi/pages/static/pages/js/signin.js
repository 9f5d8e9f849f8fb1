// Where the session has ended, staff sign in on the page itself and what they sent is sent again: nothing typed is lost.
const dialog = document.getElementById("gx-sign-in");
let waiting = [];

async function ask() {
  if (!dialog || dialog.open) return;
  dialog.showModal();
  const answer = await fetch(dialog.dataset.gxUrl, { headers: { "HX-Request": "true" } }).catch(() => null);
  if (answer?.ok) show(await answer.text());
  else dialog.close();
}

function show(form) {
  dialog.innerHTML = form;
  (dialog.querySelector("[aria-invalid=true]") ?? dialog.querySelector("input:not([type=hidden])"))?.focus();
}

function renew(token) {
  document.body.setAttribute("hx-headers:inherited", JSON.stringify({ "X-CSRFToken": token }));
  for (const field of document.querySelectorAll("[name=csrfmiddlewaretoken]")) field.value = token;
}

function again(source) {
  if (!source?.isConnected) return;
  if (source.matches("form")) source.requestSubmit();
  else if (source.matches("[data-gx-panel]")) source.querySelector("[data-gx-retry]")?.click();
}

document.addEventListener("submit", async (event) => {
  if (!event.target.matches("[data-gx-sign-in]")) return;
  event.preventDefault();
  const answer = await fetch(event.target.action, {
    method: "POST",
    headers: { "HX-Request": "true" },
    body: new URLSearchParams(new FormData(event.target)),
  }).catch(() => null);
  if (answer?.status === 422) return show(await answer.text());
  if (!answer?.ok) return;
  if (answer.headers.get("Content-Type")?.startsWith("text/html")) return show(await answer.text());
  const { token, reader } = await answer.json();
  if (reader !== dialog.dataset.gxReader) return location.reload();
  renew(token);
  dialog.close();
  const sources = new Set(waiting);
  waiting = [];
  for (const source of sources) again(source);
});

document.addEventListener("htmx:response:error", (event) => {
  const { sourceElement, response } = event.detail.ctx;
  if (response.status !== 401 || sourceElement.closest("[data-gx-quiet]")) return;
  waiting.push(sourceElement);
  ask();
});
window.gxSignIn = ask;
