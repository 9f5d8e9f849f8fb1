// What is typed into a form marked data-gx-draft is kept in this tab until it has been sent, so that a failure, the back
// button or a closed lid loses nothing. It never leaves the tab, and signing out forgets it.
const PREFIX = "gx.draft.";
const SENT = "gx.sent.";
const place = (form) => `${form.action}#${form.dataset.gxDraft}`;
const fields = (form) => [...form.elements].filter((each) => each.name && !["hidden", "password", "file", "submit", "button"].includes(each.type));
const isChoice = (each) => ["checkbox", "radio"].includes(each.type);
const named = (each) => (isChoice(each) ? `${each.name}=${each.value}` : each.name);

function keep(form) {
  const typed = fields(form).map((each) => [named(each), isChoice(each) ? each.checked : each.value]);
  if (typed.some(([, value]) => value)) sessionStorage.setItem(PREFIX + place(form), JSON.stringify(typed));
  else forget(place(form));
}

function forget(key) {
  sessionStorage.removeItem(PREFIX + key);
  sessionStorage.removeItem(SENT + key);
}

function restore(form) {
  const kept = sessionStorage.getItem(PREFIX + place(form));
  if (!kept || form.dataset.gxKept) return;
  form.dataset.gxKept = "kept";
  if (form.querySelector("[aria-invalid=true]")) return; // the answer to it holds what was typed already
  const typed = new Map(JSON.parse(kept));
  for (const each of fields(form)) if (typed.has(named(each))) each[isChoice(each) ? "checked" : "value"] = typed.get(named(each));
}

function restoreAll() {
  for (const form of document.querySelectorAll("form[data-gx-draft]")) restore(form);
}

function settle() {
  if (document.querySelector("[data-gx-failed]")) return; // what was sent did not get through
  const here = new Set([...document.querySelectorAll("form[data-gx-draft]")].map(place));
  for (const name of Object.keys(sessionStorage)) {
    const key = name.startsWith(SENT) && name.slice(SENT.length);
    if (key && !here.has(key)) forget(key);
  }
}

function start() {
  document.addEventListener("input", (event) => {
    const form = event.target.form;
    if (form?.matches("[data-gx-draft]")) keep(form);
  });
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("[data-gx-draft]")) return;
    keep(form);
    if (!form.matches("[hx-post]")) sessionStorage.setItem(SENT + place(form), "");
  });
  document.addEventListener("htmx:after:request", (event) => {
    const { sourceElement, response } = event.detail.ctx;
    if (sourceElement?.matches?.("form[data-gx-draft]") && response.status < 400) forget(place(sourceElement));
  });
  document.addEventListener("htmx:after:swap", restoreAll);
  settle();
  restoreAll();
}

try {
  sessionStorage.getItem(PREFIX);
  start();
} catch {
  // a browser that keeps nothing keeps no drafts
}
