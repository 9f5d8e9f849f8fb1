// Charts whose categories stand below each other: horizontal bars, funnels, intervals.
import { faded, hatched, paint } from "./palette.js";
import { widest } from "./words.js";

const ROOM = 0.32;

function frame(data, look, width) {
  const words = { color: look.ink, fontSize: 12, fontFamily: look.font, interval: 0, width: Math.round(width * ROOM), overflow: "truncate" };
  return {
    yAxis: { type: "category", data: data.categories, inverse: true, axisLine: { show: false }, axisTick: { show: false }, axisLabel: { ...words, margin: 12 } },
    xAxis: { type: "value", show: false },
    tooltip: {
      trigger: "axis", showContent: false, renderMode: "richText",
      axisPointer: { type: "shadow", shadowStyle: { color: faded(look.strong, 0.2) }, animation: false, z: 0 },
    },
  };
}

function bar(data, series, look) {
  const colour = paint(series, look);
  const steps = data.kind === "funnel" ? data.categories.length : 1;
  const tone = (at) => (at === data.unfinished ? hatched(colour) : faded(colour, steps === 1 ? 1 : 0.35 + (0.65 * (at + 1)) / steps));
  const words = (at) => `{value|${series.brief[at]}}` + (data.rates?.[at] ? `  {rate|${data.rates[at]}}` : "");
  return {
    type: "bar", name: series.title, barMaxWidth: 18, barCategoryGap: "38%", barGap: "15%", emphasis: { disabled: true },
    cursor: data.hrefs.length ? "pointer" : "default",
    data: series.values.map((value, at) => ({
      value, itemStyle: { color: tone(at), borderRadius: 2 },
      label: {
        show: value !== null, position: value < 0 ? "left" : "right", distance: 8, formatter: () => words(at), fontFamily: look.font,
        rich: { value: { color: look.ink, fontWeight: 600, fontSize: 12 }, rate: { color: look.ink3, fontSize: 12 } },
      },
    })),
  };
}

export function along(data, look, width) {
  const texts = data.series.flatMap((each) => each.brief.map((text, at) => `${text}  ${data.rates?.[at] ?? ""}`));
  const right = widest(texts, look, 600) + 16;
  const base = frame(data, look, width);
  if (data.series.some((each) => each.values.some((value) => value < 0))) base.yAxis.axisLabel.margin = right;
  return {
    ...base,
    grid: { left: 0, right, top: 4, bottom: 4, outerBoundsMode: "same", outerBoundsContain: "axisLabel" },
    series: data.series.map((each) => bar(data, each, look)),
  };
}

function reach(data, look, low, high) {
  return data.categories.map((_, at) => ({
    type: "line", symbol: "none", silent: true, z: 2,
    lineStyle: { width: 7, cap: "round", color: faded(data.proven[at] ? look.series[0] : look.series[5], 0.32) },
    data: low.values[at] === null || high.values[at] === null ? [] : [[low.values[at], at], [high.values[at], at]],
  }));
}

export function interval(data, look, width) {
  const [estimate, low, high] = [1, "low", "high"].map((role) => data.series.find((each) => each.role === role) ?? data.series[0]);
  const base = frame(data, look, width);
  const figures = { ...base.yAxis, data: estimate.brief, position: "right" };
  figures.axisLabel = { ...figures.axisLabel, fontWeight: 600, color: (_, at) => (data.proven[at] ? look.ink : look.ink3) };
  return {
    ...base,
    grid: { left: 0, right: 0, top: 4, bottom: 4, outerBoundsMode: "same", outerBoundsContain: "axisLabel" },
    yAxis: [base.yAxis, figures],
    series: [
      ...reach(data, look, low, high),
      {
        type: "scatter", z: 3, symbolSize: 9, emphasis: { disabled: true }, cursor: data.hrefs.length ? "pointer" : "default",
        data: estimate.values.map((value, at) => ({ value: [value, at], itemStyle: { color: data.proven[at] ? look.series[0] : look.series[5] } })),
        markLine: { silent: true, symbol: "none", label: { show: false }, lineStyle: { color: look.ink3, type: [2, 3], width: 1 }, data: [{ xAxis: 0 }] },
      },
    ],
  };
}
