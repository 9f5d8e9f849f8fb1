// Colours as plain hex: the library can read neither light-dark() nor oklch(). A test holds them to the tokens of the pages.
const LIGHT = {
  surface: "#fffdf8", well: "#f0ebe0", line: "#e6dfd1", strong: "#cfc6b3", ink: "#23211c", ink2: "#57524a", ink3: "#6e685d",
  rest: "#999080", series: ["#1f5c48", "#bf7d17", "#5b8fc7", "#b8452f", "#7a4e86", "#948a78"],
};
const DARK = {
  surface: "#1e1d18", well: "#27251f", line: "#35322a", strong: "#4a463b", ink: "#ece7dc", ink2: "#b9b3a5", ink3: "#9a9486",
  rest: "#736d5e", series: ["#4fa07f", "#e0a84a", "#9cc6ee", "#c2553e", "#9a5f9e", "#d8d0bf"],
};
const night = matchMedia("(prefers-color-scheme: dark)");

export function palette() {
  const chosen = document.documentElement.dataset.bsTheme;
  const colours = (chosen ? chosen === "dark" : night.matches) ? DARK : LIGHT;
  return { ...colours, font: getComputedStyle(document.body).fontFamily };
}

export function onChange(redraw) {
  night.addEventListener("change", redraw);
  new MutationObserver(redraw).observe(document.documentElement, { attributeFilter: ["data-bs-theme"] });
}

// The neutral one is 0, as on swatches.
export const colour = (series, look) => (series ? look.series[series - 1] : look.rest);
export const paint = ({ role }, look) => (typeof role === "number" ? colour(role, look) : look.ink3);

export function faded(colour, share) {
  return colour + Math.round(share * 255).toString(16).padStart(2, "0");
}

// What is not over yet is hatched in its own colour.
export function hatched(colour) {
  const tile = document.createElement("canvas");
  tile.width = tile.height = 6;
  const pen = tile.getContext("2d");
  pen.fillStyle = faded(colour, 0.18);
  pen.fillRect(0, 0, 6, 6);
  pen.strokeStyle = colour;
  pen.lineWidth = 1.5;
  for (const shift of [-6, 0, 6]) {
    pen.beginPath();
    pen.moveTo(shift - 1, 7);
    pen.lineTo(shift + 7, -1);
    pen.stroke();
  }
  return { image: tile, repeat: "repeat" };
}
