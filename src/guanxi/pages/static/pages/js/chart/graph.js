// Who is related to whom: everybody stands where the page says, lines tell their kind by colour and by dashes.
import { colour } from "./palette.js";

const SIZES = [26, 16, 11]; // the one in the middle, their neighbours, whom those know
const [BESIDE, ABOVE] = [112, 44]; // room for names

function label(data, look, at, ring, x) {
  const words = data.words[at] ? `\n{kind|${data.words[at]}}` : "";
  const side = Math.abs(x) < 150 ? (data.nodes[at][1] < 0 ? "top" : "bottom") : x < 0 ? "left" : "right";
  return {
    show: true, position: ring ? side : "bottom", color: ring === 2 ? look.ink2 : look.ink, fontWeight: ring ? 400 : 600,
    fontSize: 12, lineHeight: 16, fontFamily: look.font, formatter: () => data.titles[at] + words,
    rich: { kind: { color: look.ink3, fontSize: 12, lineHeight: 16 } },
  };
}

function node(data, look, at, [wide, high]) {
  const [x, y] = data.nodes[at];
  const ring = at === 0 ? 0 : at <= data.near ? 1 : 2;
  return {
    id: String(at), row: at, x: (wide * (1000 + x)) / 2000, y: (high * (1000 + y)) / 2000, symbolSize: SIZES[ring],
    itemStyle: { color: ring ? look.surface : look.series[0], borderColor: ring ? look.ink3 : look.series[0], borderWidth: 1.5 },
    label: label(data, look, at, ring, x), cursor: data.hrefs[at] ? "pointer" : "default",
  };
}

const link = (look, first) => ([from, to, series, dashes, directed], nth) => ({
  source: String(from), target: String(to), row: first + nth, symbol: directed ? ["none", "arrow"] : "none", symbolSize: 8,
  lineStyle: { color: colour(series, look), width: 1.8, type: dashes.length ? dashes : "solid", opacity: 1, curveness: 0.08 * ((nth % 3) - 1) },
});

export function graph(data, look, width, height) {
  const size = [width - 2 * BESIDE, height - 2 * ABOVE];
  // The library stretches the drawing over its place: two corners nobody sees keep it as it is.
  const corners = [[0, 0], size].map(([x, y], nth) => ({ id: `corner${nth}`, x, y, symbolSize: 0, label: { show: false }, silent: true }));
  return {
    series: [{
      type: "graph", layout: "none", roam: false, draggable: false, left: BESIDE, top: ABOVE, width: size[0], height: size[1],
      data: [...data.nodes.map((_, at) => node(data, look, at, size)), ...corners], links: data.links.map(link(look, data.nodes.length)),
      emphasis: { disabled: true },
    }],
  };
}
