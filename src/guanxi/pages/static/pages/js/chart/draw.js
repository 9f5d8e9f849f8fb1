// The life of charts on a page: drawn when they arrive, made anew with their data or the theme, gone with their place.
import { option } from "./option.js";
import { onChange, palette } from "./palette.js";
import { save } from "./picture.js";
import { strip } from "./strip.js";
import { hide, show } from "./tip.js";

const FULL = '[data-gx-engine$="echarts-full.js"]';
const ALONG = new Set(["horizontal", "funnel", "interval"]);
const ITEMS = new Set(["heat", "sankey", "graph"]);
const drawn = new Map();
const engines = new Map();
const touched = matchMedia("(hover: none)");

function load(source) {
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = source;
    script.onload = () => resolve(window.echarts);
    script.onerror = () => reject(new Error(`${source} did not load`));
    document.head.append(script);
  });
}

// The full build holds all of the other one: where a page needs it, nothing else is loaded.
function engine(box) {
  const source = (document.querySelector(FULL) ?? box).dataset.gxEngine;
  if (!engines.has(source)) engines.set(source, load(source));
  return engines.get(source);
}

function paint({ box, chart, data }) {
  if (!box.clientWidth) return;
  chart.resize();
  chart.setOption(option(data, palette(), box.clientWidth, box.clientHeight), true);
  strip(chart, data, palette());
  box.dataset.gxDrawn = "";
}

// Where categories stand on an axis the whole width of one answers, not the thin mark alone.
function place({ chart, data }, { offsetX, offsetY }) {
  if (!chart.containPixel("grid", [offsetX, offsetY])) return -1;
  const [across, down] = chart.convertFromPixel({ gridIndex: 0 }, [offsetX, offsetY]);
  return ALONG.has(data.kind) ? down : across;
}

function listen(held) {
  const canvas = held.chart.getZr();
  canvas.on("globalout", () => hide(held));
  if (ITEMS.has(held.data.kind)) {
    const row = (mark) => mark.data?.row ?? -1;
    held.chart.on("click", (mark) => follow(held, row(mark)));
    held.chart.on("mousemove", (mark) => show(held, row(mark), mark.event));
    held.chart.on("mouseout", () => hide(held));
    return;
  }
  canvas.on("click", (event) => follow(held, place(held, event)));
  canvas.on("mousemove", (event) => {
    const at = place(held, event);
    show(held, at, event);
    canvas.setCursorStyle(held.data.hrefs[at] ? "pointer" : "default");
  });
}

function follow(held, at) {
  const href = held.data.hrefs[at];
  if (!href) return;
  if (touched.matches && held.tapped !== at) held.tapped = at; // the first touch reads, the second opens
  else location.assign(held.data.stem + href);
}

function leave(box) {
  const held = drawn.get(box);
  held.watch.disconnect();
  held.chart.dispose();
  held.tip?.remove();
  drawn.delete(box);
}

async function draw(box) {
  const text = document.getElementById(box.dataset.gxChart).textContent;
  const library = await engine(box);
  await document.fonts.ready;
  const before = drawn.get(box);
  if (before?.text === text && box.querySelector("canvas")) return;
  if (before) leave(box);
  if (!box.isConnected) return;
  const held = { box, text, data: JSON.parse(text), chart: library.init(box, null, { renderer: "canvas" }) };
  held.watch = new ResizeObserver(() => requestAnimationFrame(() => drawn.has(box) && paint(held)));
  drawn.set(box, held);
  paint(held);
  listen(held);
  held.watch.observe(box);
}

// Where the library cannot be had the table says the same.
function giveUp(box) {
  const twin = box.closest(".gx-chart")?.querySelector("[data-gx-twin]");
  if (twin && !twin.checked) twin.click();
}

export function drawAll() {
  for (const box of [...drawn.keys()]) if (!box.isConnected) leave(box);
  for (const box of document.querySelectorAll("[data-gx-chart]")) draw(box).catch(() => giveUp(box));
}

onChange(() => drawn.forEach(paint));
document.addEventListener("click", (event) => {
  const box = event.target.closest("[data-gx-png]")?.closest(".gx-chart").querySelector("[data-gx-chart]");
  if (drawn.has(box)) save(drawn.get(box).chart, drawn.get(box).data);
});
