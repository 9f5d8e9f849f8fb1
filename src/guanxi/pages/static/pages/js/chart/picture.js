// A chart as a picture to paste elsewhere: its finding above, on the ground of the card.
import { palette } from "./palette.js";

const SCALE = 2;
const PAD = 20;

function wrapped(pen, text, width) {
  const lines = [""];
  for (const part of text.match(/[\x21-\x7e\u00a1-\u024f]+\s*|./gu) ?? []) {
    if (lines.at(-1) && pen.measureText(lines.at(-1) + part).width > width) lines.push("");
    lines[lines.length - 1] += part;
  }
  return lines;
}

export function save(chart, { finding, name }) {
  const look = palette();
  const drawn = chart.getRenderedCanvas({ pixelRatio: SCALE, backgroundColor: look.surface });
  const sheet = document.createElement("canvas");
  const pen = sheet.getContext("2d");
  const font = `600 ${17 * SCALE}px ${look.font}`;
  pen.font = font;
  const lines = wrapped(pen, finding, drawn.width);
  const head = (lines.length * 26 + PAD / 2) * SCALE;
  sheet.width = drawn.width + 2 * PAD * SCALE;
  sheet.height = drawn.height + head + 2 * PAD * SCALE;
  pen.fillStyle = look.surface;
  pen.fillRect(0, 0, sheet.width, sheet.height);
  pen.font = font;
  pen.fillStyle = look.ink;
  lines.forEach((line, at) => pen.fillText(line, PAD * SCALE, (PAD + 18 + at * 26) * SCALE));
  pen.drawImage(drawn, PAD * SCALE, PAD * SCALE + head);
  sheet.toBlob((blob) => offer(blob, `${name}.png`));
}

function offer(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href));
}
