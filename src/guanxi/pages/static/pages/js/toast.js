// A toast stays ten seconds, longer while it is hovered or focused; Z takes the last act back.
const STAY = 10_000;

function watch(toast) {
  let timer;
  const leave = () => { timer = setTimeout(() => toast.remove(), STAY); };
  const stay = () => clearTimeout(timer);
  for (const event of ["mouseenter", "focusin"]) toast.addEventListener(event, stay);
  for (const event of ["mouseleave", "focusout"]) toast.addEventListener(event, () => { stay(); leave(); });
  leave();
}

function watchAll() {
  for (const toast of document.querySelectorAll("[data-gx-toast]:not([data-gx-watched])")) {
    toast.dataset.gxWatched = "";
    watch(toast);
  }
}

document.addEventListener("click", (event) => {
  const toast = event.target.closest("[data-gx-dismiss]")?.closest(".gx-toast");
  if (toast?.id) toast.hidden = true;
  else toast?.remove();
});
document.addEventListener("htmx:after:swap", watchAll);
watchAll();
