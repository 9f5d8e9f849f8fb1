// The files of an upload are listed as they are chosen; too large ones are told before they are sent, and a form is sent once.
const UNITS = ["B", "KB", "MB", "GB"];

function spelled(octets) {
  let unit = 0;
  while (octets >= 1000 && unit < UNITS.length - 1) [octets, unit] = [octets / 1000, unit + 1];
  return `${octets.toFixed(unit ? 1 : 0)} ${UNITS[unit]}`;
}

function line(file) {
  const item = document.createElement("li");
  const size = document.createElement("span");
  item.textContent = file.name;
  size.textContent = spelled(file.size);
  size.className = "gx-end gx-num gx-faint";
  item.append(size);
  return item;
}

document.addEventListener("change", (event) => {
  const form = event.target.closest("form[data-gx-upload]");
  if (!form || event.target.type !== "file") return;
  const files = [...event.target.files];
  const list = form.querySelector("[data-gx-chosen]");
  list.replaceChildren(...files.map(line));
  list.hidden = !files.length;
  const most = Number(event.target.dataset.gxLimit);
  const tooLarge = files.reduce((sum, file) => sum + file.size, 0) > most;
  form.querySelector("[data-gx-too-large]").hidden = !tooLarge;
  form.querySelector("[type=submit]").disabled = tooLarge;
});
document.addEventListener("submit", (event) => {
  if (event.target.matches("form[data-gx-upload]")) event.target.querySelector("[type=submit]").disabled = true;
});
window.addEventListener("pageshow", () => {
  for (const button of document.querySelectorAll("form[data-gx-upload] [type=submit]")) button.disabled = false;
});
