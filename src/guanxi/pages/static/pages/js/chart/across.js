// Charts whose categories run across: bars, stacked bars, lines.
import { faded, hatched, paint } from "./palette.js";
import { scale, tick, widest } from "./words.js";

const LABEL = 70;
const named = (data) => data.series.filter((each) => each.role !== "low" && each.role !== "high");
const last = (values) => values.findLastIndex((value) => value !== null);

function bar(data, series, look) {
  const colour = paint(series, look);
  const hatch = hatched(colour);
  return {
    type: "bar", name: series.title, stack: data.kind === "stacked" ? "all" : undefined, barMaxWidth: 28, barCategoryGap: "35%",
    barGap: "12%", itemStyle: { color: colour }, emphasis: { disabled: true }, cursor: data.hrefs.length ? "pointer" : "default",
    data: series.values.map((value, at) => (at === data.unfinished ? { value, itemStyle: { color: hatch } } : value)),
  };
}

const stroke = (name, colour, style) => ({
  type: "line", name, symbol: "none", z: 4, emphasis: { disabled: true }, labelLayout: { moveOverlap: "shiftY" },
  lineStyle: { width: 2, color: colour, cap: "round", ...style }, itemStyle: { color: colour },
});

// A point between two gaps has no line to show it, and the last point carries the name of its line.
function points(data, series, look) {
  const end = data.kind === "line" && data.ends ? last(series.values) : -1;
  return series.values.map((value, at, all) => {
    const alone = value !== null && (all[at - 1] ?? null) === null && (all[at + 1] ?? null) === null;
    if (!alone && at !== end) return value;
    const words = `${named(data).length > 1 ? `${series.title} ` : ""}${series.brief[at]}`;
    const label = { show: at === end, position: "right", distance: 8, color: look.ink2, fontWeight: 600, formatter: () => words };
    return { value, symbol: "circle", symbolSize: 6, label };
  });
}

function lines(data, series, look) {
  const past = series.role === "past";
  const colour = past && data.kind !== "line" ? look.ink : paint(series, look);
  const style = past ? { type: [5, 4], width: 1.5 } : {};
  const all = points(data, series, look);
  const from = past || data.kind !== "line" ? null : data.unfinished;
  if (from === null) return [{ ...stroke(series.title, colour, style), data: all }];
  const done = { ...stroke(series.title, colour, style), data: all.map((each, at) => (at < from ? each : null)) };
  const running = { ...stroke(series.title, colour, { type: [2, 4] }), data: all.map((each, at) => (at < from - 1 || at > from ? null : each)) };
  return [done, running];
}

function band(data, look) {
  const [low, high] = ["low", "high"].map((role) => data.series.find((each) => each.role === role)?.values);
  if (!low || !high) return [];
  const hidden = { type: "line", stack: "band", stackStrategy: "all", symbol: "none", silent: true, lineStyle: { opacity: 0 } };
  const spread = high.map((value, at) => (value === null || low[at] === null ? null : value - low[at]));
  return [{ ...hidden, data: low }, { ...hidden, data: spread, areaStyle: { color: faded(look.series[0], 0.15) } }];
}

export function top(data, at) {
  const values = data.series.filter((each) => typeof each.role === "number").map((each) => each.values[at] ?? 0);
  return data.kind === "stacked" ? values.reduce((sum, value) => sum + Math.max(0, value), 0) : Math.max(...values);
}

function heights(data) {
  const floor = data.series.flatMap((each) => each.values).filter((value) => value !== null);
  return data.kind === "stacked" ? [...floor, ...data.categories.map((_, at) => top(data, at))] : floor;
}

const drawn = (data, look) => (each) => {
  if (each.role === "low" || each.role === "high") return [];
  return data.kind === "line" || each.role === "past" ? lines(data, each, look) : [bar(data, each, look)];
};

export function across(data, look, width) {
  const series = [...data.series.flatMap(drawn(data, look)), ...band(data, look)];
  const ends = data.kind === "line" && data.ends;
  const names = ends ? named(data).map((each) => `${named(data).length > 1 ? each.title : ""} ${each.brief[last(each.values)] ?? ""}`) : [];
  const step = Math.max(1, Math.ceil((data.categories.length * LABEL) / Math.max(width - 60, LABEL)));
  const axisLabel = { color: look.ink3, fontSize: 12, fontFamily: look.font };
  return {
    grid: { left: 0, right: ends ? widest(names, look, 600) + 20 : 4, top: 12, bottom: 4, outerBoundsMode: "same", outerBoundsContain: "axisLabel" },
    xAxis: {
      type: "category", data: data.categories, boundaryGap: data.kind !== "line", axisTick: { show: false },
      axisLine: { lineStyle: { color: look.line } }, axisLabel: { ...axisLabel, hideOverlap: true, interval: (at) => at % step === 0 },
    },
    yAxis: {
      type: "value", ...scale(heights(data), data.whole), axisLabel: { ...axisLabel, formatter: tick(data) },
      splitLine: { lineStyle: { color: look.line } },
    },
    tooltip: {
      trigger: "axis", showContent: false, renderMode: "richText",
      axisPointer: { type: data.kind === "line" ? "line" : "shadow", lineStyle: { color: look.strong, type: "solid" }, shadowStyle: { color: faded(look.strong, 0.25) }, animation: false, z: 0 },
    },
    series,
  };
}
