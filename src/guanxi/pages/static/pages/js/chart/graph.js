// Who is related to whom: everybody stands where the page says, lines tell their kind by colour and by dashes.
import { colour } from "./palette.js";

const SIZES = [26, 16, 11]; // the one in the middle, their neighbours, whom those know

function node(data, look, at) {
  const [x, y] = data.nodes[at];
  const ring = at === 0 ? 0 : at <= data.near ? 1 : 2;
  const side = x < -20 ? "left" : x > 20 ? "right" : "top";
  return {
    id: String(at), name: data.titles[at], row: at, x, y, symbolSize: SIZES[ring],
    itemStyle: { color: ring === 0 ? look.series[0] : look.surface, borderColor: ring === 0 ? look.series[0] : look.ink3, borderWidth: 1.5 },
    label: { show: true, position: ring === 0 ? "bottom" : side, color: ring === 2 ? look.ink2 : look.ink, fontWeight: ring === 0 ? 600 : 400 },
    cursor: data.hrefs[at] ? "pointer" : "default",
  };
}

function link(data, look, [from, to, series, dashes, directed], nth) {
  const words = data.labels[nth];
  return {
    source: String(from), target: String(to), row: data.nodes.length + nth, symbol: directed ? ["none", "arrow"] : "none", symbolSize: 8,
    lineStyle: { color: colour(series, look), width: 1.8, type: dashes.length ? dashes : "solid", opacity: 1, curveness: 0.06 },
    label: { show: Boolean(words), formatter: words ?? "", color: look.ink2, fontSize: 12, backgroundColor: look.surface, padding: [0, 3] },
  };
}

export function graph(data, look) {
  return {
    series: [{
      type: "graph", layout: "none", roam: false, draggable: false, silent: false, left: 90, right: 90, top: 28, bottom: 30,
      data: data.nodes.map((_, at) => node(data, look, at)), links: data.links.map((each, nth) => link(data, look, each, nth)),
      label: { fontSize: 12, fontFamily: look.font }, emphasis: { disabled: true }, edgeLabel: { show: false },
    }],
  };
}
