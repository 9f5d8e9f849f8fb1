// From the declared drawing to the library's own terms. Nothing moves by itself: not at first paint, not on a change of theme.
import { across } from "./across.js";
import { along, interval } from "./along.js";
import { heat, sankey } from "./flows.js";
import { graph } from "./graph.js";

const KINDS = { bars: across, stacked: across, line: across, horizontal: along, funnel: along, interval, heat, sankey, graph };

export function option(data, look, width, height) {
  return {
    animation: false, stateAnimation: { duration: 0 }, textStyle: { fontFamily: look.font, fontSize: 12, color: look.ink2 },
    ...KINDS[data.kind](data, look, width, height),
  };
}
