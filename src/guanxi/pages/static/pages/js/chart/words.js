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
