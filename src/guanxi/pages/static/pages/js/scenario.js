// A scenario is worked out on the server as sliders move; without this module a button asks for it.
const form = document.querySelector("[data-gx-scenario]");
const parts = "[data-gx-scenario-finding], [data-gx-scenario-cell]";
let waiting;

async function work() {
  const asked = new URLSearchParams(new FormData(form));
  const answer = await fetch(`?${asked}`);
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const found = page.querySelectorAll(parts);
  form.querySelectorAll(parts).forEach((each, nth) => { each.textContent = found[nth]?.textContent ?? each.textContent; });
  history.replaceState(history.state, "", `?${asked}#scenario`);
}

form?.addEventListener("input", ({ target }) => {
  const shown = target.parentElement.querySelector("output");
  if (shown) shown.textContent = `${target.value > 0 ? "+" : ""}${target.value}%`;
  clearTimeout(waiting);
  waiting = setTimeout(work, 250);
});
