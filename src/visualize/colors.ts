/** How what is drawn looks: pale fills under dark text, so that pictures print well and read well. */

export interface Colors {
  readonly fill: string;
  readonly line: string;
  readonly text: string;
}

const neutral: Colors = { fill: "#eef2ff", line: "#6478d3", text: "#24305e" };
const quiet: Colors = { fill: "#f4f5f7", line: "#9aa5b1", text: "#52606d" };

export const PARAMETER: Colors = { fill: "#fffbea", line: "#d9a514", text: "#5c4708" };
export const EDGE = "#7b8794";
export const TEXT = "#1f2933";
export const FONT = "Helvetica"; // Graphviz knows how wide its letters are, and adds what stands in for it

const green: Colors = { fill: "#e3f6e8", line: "#2f9e57", text: "#14532d" };
const red: Colors = { fill: "#fde8e8", line: "#d64545", text: "#7b1d1d" };

/** States as in Prefect's own pictures: green went well, red did not, orange was not allowed to, grey stayed out. */
const byKind: ReadonlyMap<string, Colors> = new Map([
  ["Success", green],
  ["Cached", green],
  ["Failed", red],
  ["TimedOut", red],
  ["ValidationFailed", red],
  ["TriggerFailed", { fill: "#fff0e0", line: "#dd7a1f", text: "#7a3d06" }],
  ["Running", { fill: "#e0f0ff", line: "#2b7fd4", text: "#113a66" }],
  ["Retrying", { fill: "#fff7cc", line: "#c9a400", text: "#5c4a00" }],
  ["Paused", { fill: "#fff7cc", line: "#c9a400", text: "#5c4a00" }],
  ["Cancelled", { fill: "#f1eaf9", line: "#8a63b8", text: "#46286b" }],
]);

/** Without a kind, the colours of a flow that has not run; for kinds of no colour of their own, grey. */
export function colorsOf(kind: string | undefined): Colors {
  return kind === undefined ? neutral : (byKind.get(kind) ?? quiet);
}
