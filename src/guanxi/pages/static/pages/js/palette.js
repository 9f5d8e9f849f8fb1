// The command palette: Ctrl/Cmd K from anywhere. What was opened lately is remembered here by opaque ids alone, each
// reader's own; names come from the server, which shows only what this reader may see.
const palette = document.getElementById("gx-palette");
const RECENT = 8;
const PAUSE = 60;

function remembered() {
  try {
    return JSON.parse(localStorage.getItem(`gx.recent.${palette.dataset.gxReader}`)) ?? [];
  } catch {
    return [];
  }
}

function remember(id) {
  const ids = [id, ...remembered().filter((each) => each !== id)].slice(0, RECENT + 1);
  try {
    localStorage.setItem(`gx.recent.${palette.dataset.gxReader}`, JSON.stringify(ids));
  } catch {
    // a browser that keeps nothing has no recent ones
  }
}

function start() {
  const field = palette.querySelector("input");
  const list = palette.querySelector("[role=listbox]");
  const here = palette.dataset.gxSubject?.split(" ")[1];
  let asking;
  let timer;

  const lines = () => [...list.querySelectorAll("[role=option]")];

  function choose(line) {
    for (const each of lines()) each.setAttribute("aria-selected", String(each === line));
    if (line) field.setAttribute("aria-activedescendant", line.id);
    else field.removeAttribute("aria-activedescendant");
    line?.scrollIntoView({ block: "nearest" });
  }

  async function ask() {
    asking?.abort();
    asking = new AbortController();
    const recent = remembered().filter((each) => each !== here).join(" ");
    const body = new URLSearchParams({ q: field.value, subject: palette.dataset.gxSubject ?? "", recent });
    const headers = { "HX-Request": "true", ...JSON.parse(document.body.getAttribute("hx-headers:inherited")) };
    const answer = await fetch(palette.dataset.gxUrl, { method: "POST", body, headers, signal: asking.signal }).catch(() => null);
    if (answer?.status === 401) {
      palette.close();
      window.gxSignIn?.();
    }
    if (!answer?.ok) return;
    list.innerHTML = await answer.text();
    list.scrollTop = 0;
    choose(lines()[0]);
  }

  function open(text = "") {
    if (!palette.open) palette.showModal();
    field.value = text;
    field.focus();
    ask();
    return true;
  }

  function go(line, event) {
    if (!line) return;
    if (event.ctrlKey || event.metaKey) return void window.open(line.href);
    palette.close();
    window.gxDo(line);
  }

  function move(step) {
    const all = lines();
    const now = all.findIndex((each) => each.getAttribute("aria-selected") === "true");
    if (all.length) choose(all[(now + step + all.length) % all.length]);
  }

  const keys = {
    ArrowDown: () => move(1),
    ArrowUp: () => move(-1),
    Enter: (event) => go(list.querySelector("[aria-selected=true]"), event),
  };

  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, PAUSE);
  });
  field.addEventListener("keydown", async (event) => {
    if (event.isComposing || !keys[event.key]) return;
    event.preventDefault();
    if (event.key === "Enter" && timer) {
      clearTimeout(timer);
      timer = null;
      await ask();
    }
    keys[event.key](event);
  });
  list.addEventListener("mousemove", (event) => {
    const line = event.target.closest("[role=option]");
    if (line && line.getAttribute("aria-selected") !== "true") choose(line);
  });
  list.addEventListener("click", (event) => {
    const line = event.target.closest("[role=option]");
    if (!line || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    go(line, event);
  });
  document.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.shiftKey || event.key.toLowerCase() !== "k") return;
    event.preventDefault();
    if (palette.open) palette.close();
    else if (!document.querySelector("dialog[open]")) open();
  });
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-gx-find]") || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    open();
  });
  document.querySelector("[data-gx-find] input")?.addEventListener("input", (event) => {
    open(event.target.value);
    event.target.value = "";
  });
  window.gxPalette = open;
  if (here) remember(here);
}

if (palette) start();
document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-gx-leave]")) return;
  try {
    for (const key of Object.keys(localStorage)) if (key.startsWith("gx.recent.")) localStorage.removeItem(key);
    sessionStorage.clear();
  } catch {
    // nothing was kept
  }
});
