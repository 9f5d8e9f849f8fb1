// Festivals are named in a strip of their own above the marks, never over them: a dotted line leads down to each.
import { top } from "./across.js";
import { widest } from "./words.js";

const LANE = 18;
const LANES = 2;
const APART = 10;

// What finds no room in two lanes is named by the card at the pointer alone.
function placed(chart, data, look) {
  const width = chart.getWidth();
  const ends = Array(LANES).fill(-APART);
  return data.marks.flatMap(({ at, text }) => {
    const [size, on] = [widest([text], look), chart.convertToPixel({ xAxisIndex: 0 }, at)];
    const left = Math.max(0, Math.min(on - size / 2, width - size));
    const lane = ends.findIndex((end) => left >= end + APART);
    if (lane < 0 || !Number.isFinite(on)) return [];
    ends[lane] = left + size;
    return [{ at, text, left, on, lane }];
  });
}

function reached(chart, data, at) {
  const lines = data.series.filter((each) => typeof each.role !== "number").map((each) => each.values[at] ?? 0);
  return chart.convertToPixel({ yAxisIndex: 0 }, Math.max(top(data, at), ...lines, 0));
}

function drawing(chart, data, look, marks) {
  const lanes = Math.max(...marks.map((mark) => mark.lane)) + 1;
  return marks.flatMap(({ at, text, left, on, lane }) => [
    { type: "text", silent: true, left, top: (lanes - 1 - lane) * LANE, style: { text, fill: look.ink2, font: `400 12px ${look.font}` } },
    { type: "line", silent: true, z: 0, shape: { x1: on, x2: on, y1: lanes * LANE, y2: reached(chart, data, at) - 4 }, style: { stroke: look.strong, lineWidth: 1, lineDash: [2, 3] } },
  ]);
}

// The places are known only once the axes are laid out, so the strip is added to a drawing that stands.
export function strip(chart, data, look) {
  const marks = data.marks?.length ? placed(chart, data, look) : [];
  if (!marks.length) return;
  const lanes = Math.max(...marks.map((mark) => mark.lane)) + 1;
  chart.setOption({ grid: { top: 8 + lanes * LANE } });
  chart.setOption({ graphic: drawing(chart, data, look, marks) });
}
