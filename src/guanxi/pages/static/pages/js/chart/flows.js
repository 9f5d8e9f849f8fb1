// Charts over two categories, for the full build of the library: heat tables and flows from one class to another.
import { colour, faded } from "./palette.js";
import { widest } from "./words.js";

const CROWDED = 240;
const MOST = 0.3; // of the width, for the names at a side
const unlike = (values) => [...new Set(values)];

export function heat(data, look) {
  const [across, down] = [unlike(data.categories), unlike(data.others)];
  const { values, brief } = data.series[0];
  const most = Math.max(...values.filter((value) => value !== null));
  const axis = { type: "category", axisLine: { show: false }, axisTick: { show: false }, splitArea: { show: false } };
  const axisLabel = { color: look.ink3, fontSize: 12, fontFamily: look.font };
  const cells = values.flatMap((value, row) => {
    if (value === null) return [];
    const strong = value / (most || 1);
    return [{
      row, value: [across.indexOf(data.categories[row]), down.indexOf(data.others[row]), value],
      itemStyle: { color: faded(look.series[0], 0.08 + 0.92 * strong) },
      label: { show: values.length <= CROWDED, color: strong > 0.55 ? look.surface : look.ink, formatter: () => brief[row] },
    }];
  });
  return {
    grid: { left: 0, right: 0, top: 0, bottom: 0, outerBoundsMode: "same", outerBoundsContain: "axisLabel" },
    xAxis: { ...axis, data: across, axisLabel: { ...axisLabel, hideOverlap: true } },
    yAxis: { ...axis, data: down, inverse: true, axisLabel: { ...axisLabel, color: look.ink } },
    visualMap: { show: false, min: 0, max: most || 1, dimension: 2, inRange: { colorAlpha: [1, 1] } },
    series: [{ type: "heatmap", data: cells, cursor: data.hrefs.length ? "pointer" : "default", itemStyle: { borderColor: look.surface, borderWidth: 2, borderRadius: 3 }, emphasis: { disabled: true } }],
  };
}

export function sankey(data, look, width) {
  const [from, to] = [unlike(data.categories), unlike(data.others)];
  const kinds = unlike([...from, ...to]);
  const paint = (title) => (title in data.colours ? colour(data.colours[title], look) : look.series[kinds.indexOf(title) % look.series.length]);
  const room = (titles) => Math.min(widest(titles, look) + 12, Math.round(width * MOST));
  const node = (side) => (title) => ({
    name: `${side}:${title}`, itemStyle: { color: paint(title), borderWidth: 0 },
    label: { position: side === "from" ? "left" : "right", formatter: () => title, width: room(side === "from" ? from : to) - 8, overflow: "truncate" },
  });
  const links = data.series[0].values.flatMap((value, row) => (value ? [{ row, value, source: `from:${data.categories[row]}`, target: `to:${data.others[row]}` }] : []));
  const used = new Set(links.flatMap((link) => [link.source, link.target]));
  return {
    series: [{
      type: "sankey", left: room(from), right: room(to), top: 8, bottom: 8, nodeWidth: 10, nodeGap: 12, draggable: false, layoutIterations: 0,
      data: [...from.map(node("from")), ...to.map(node("to"))].filter((each) => used.has(each.name)), links,
      lineStyle: { color: "source", opacity: 0.28, curveness: 0.5 }, label: { color: look.ink, fontSize: 12, fontFamily: look.font },
      emphasis: { focus: "none", lineStyle: { opacity: 0.5 } }, cursor: data.hrefs.length ? "pointer" : "default",
    }],
  };
}
