// The card at the pointer is made of our own elements: the library's needs inline styles, or cannot be styled at all.
const GAP = 14;

function element(name, kind, ...inside) {
  const made = document.createElement(name);
  made.className = kind;
  made.append(...inside);
  return made;
}

function lines(data, at) {
  const [low, high] = ["low", "high"].map((role) => data.series.find((each) => each.role === role));
  const found = data.series.filter((each) => each !== low && each !== high).map((each) => [each.role, each.title, each.texts[at]]);
  if (low && high) found.push(["none", `${low.title} – ${high.title}`, `${low.texts[at]} – ${high.texts[at]}`]);
  if (data.totals && found.length > 1) found.push(["none", data.total, data.totals[at]]);
  if (data.rates?.[at]) found.push(["none", data.rate, data.rates[at]]);
  return found;
}

function card(data, at) {
  const swatch = (role) => element("i", role === "none" ? "" : role === "past" ? "gx-dash" : `gx-swatch gx-series-${role}`);
  const rows = lines(data, at).map(([role, title, text]) => element("li", "", swatch(role), element("span", "", title), element("b", "", text)));
  const head = [data.titles[at], data.others?.[at]].filter(Boolean).join(" · ");
  return [element("p", "", head), element("ul", "", ...rows)];
}

function clamp(value, most) {
  return Math.max(0, Math.min(value, most));
}

export function show(held, at, { offsetX, offsetY }) {
  if (at < 0 || !held.data.titles[at]) return hide(held);
  held.tip ??= held.box.appendChild(element("div", "gx-tip"));
  const { tip, box } = held;
  if (tip.dataset.at !== String(at)) tip.replaceChildren(...card(held.data, at));
  tip.dataset.at = at;
  tip.hidden = false;
  const right = offsetX + GAP;
  const left = right + tip.offsetWidth > box.clientWidth ? offsetX - GAP - tip.offsetWidth : right;
  tip.style.left = `${clamp(left, box.clientWidth - tip.offsetWidth)}px`;
  tip.style.top = `${clamp(offsetY - tip.offsetHeight / 2, box.clientHeight - tip.offsetHeight)}px`;
}

export function hide({ tip }) {
  if (tip) tip.hidden = true;
}
