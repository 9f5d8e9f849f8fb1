// Words in a drawing: ticks of an axis and the room that labels take.
const pen = document.createElement("canvas").getContext("2d");

export function widest(texts, look, weight = 400) {
  pen.font = `${weight} 12px ${look.font}`;
  return Math.ceil(Math.max(0, ...texts.map((text) => pen.measureText(text).width)));
}

export function tick(data) {
  const spell = (value) => Number(value.toPrecision(4)).toLocaleString("en").replace("-", "\u2212");
  return (value) => {
    if (data.percent) return `${spell(value * 100)}%`;
    const unit = data.units.find(([size]) => Math.abs(value) >= size);
    return unit ? spell(value / unit[0]) + unit[1] : spell(value);
  };
}

// At most five lines across, at round figures, from zero on.
export function scale(values, whole) {
  const [low, high] = [Math.min(0, ...values), Math.max(0, ...values)];
  const rough = (high - low || 1) / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const round = [1, 2, 2.5, 5, 10].find((each) => each * power >= rough * 0.999) * power;
  const step = whole ? Math.max(1, Math.ceil(round)) : round;
  const up = Math.ceil(high / step - 1e-6) * step; // shares of a whole add up to a hair more than it
  return { min: Math.floor(low / step) * step, max: up || step, interval: step };
}
