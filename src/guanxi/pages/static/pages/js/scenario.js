// A scenario is worked out on the server as sliders move; without this module a button asks for it.
const scenario = document.querySelector("[data-gx-scenario]");
if (scenario) {
  const told = "[data-gx-scenario-finding], [data-gx-scenario-cell]";
  let waiting;
  const work = async () => {
    const asked = new URLSearchParams(new FormData(scenario));
    const answer = await fetch(`?${asked}`);
    if (!answer.ok) return;
    const found = new DOMParser().parseFromString(await answer.text(), "text/html").querySelectorAll(told);
    scenario.querySelectorAll(told).forEach((each, nth) => {
      each.textContent = found[nth]?.textContent ?? each.textContent;
    });
  };
  scenario.addEventListener("input", ({ target }) => {
    const shown = target.parentElement.querySelector("output");
    if (shown) shown.textContent = `${target.value > 0 ? "+" : ""}${target.value}%`;
    clearTimeout(waiting);
    waiting = setTimeout(work, 250);
  });
}
