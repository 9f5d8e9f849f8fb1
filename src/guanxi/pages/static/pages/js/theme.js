// The chosen appearance at once, without loading the page again; the server remembers it.
document.addEventListener("submit", async (event) => {
  const form = event.target.closest("form[data-gx-theme]");
  if (!form || !event.submitter) return;
  event.preventDefault();
  const theme = event.submitter.value;
  const answer = await fetch(form.action, {
    method: "POST",
    body: new FormData(form, event.submitter),
    redirect: "manual",
  }).catch(() => null);
  if (!answer) return;
  const root = document.documentElement;
  if (theme === "system") root.removeAttribute("data-bs-theme");
  else root.setAttribute("data-bs-theme", theme);
  for (const button of form.querySelectorAll("[name=theme]")) {
    button.setAttribute("aria-pressed", String(button.value === theme));
  }
});
