/** One SVG for each trace: workers over time above, calls that remain below, a line for each policy. */
import type { Sample } from "../../src/simulate/timeline.ts";

export interface Line {
  readonly name: string;
  readonly samples: readonly Sample[];
}

/** Colours that stay apart for colour-blind readers (Okabe and Ito). */
const colours = ["#000000", "#d55e00", "#0072b2", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#999999"] as const;
const width = 900;
const panel = { left: 60, width: 820, height: 220 } as const;
const tops = { workers: 50, backlog: 320 } as const;

export function chart(title: string, lines: readonly Line[], untilMs: number): string {
  const legend = lines.map(({ name }, index) => legendEntry(name, index));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="580" font-family="sans-serif" font-size="12">`,
    `<rect width="100%" height="100%" fill="white"/><text x="${panel.left}" y="20" font-size="15">${escape(title)}</text>`,
    ...drawPanel("workers there", lines, tops.workers, untilMs, ({ here }) => here),
    ...drawPanel("calls that remain", lines, tops.backlog, untilMs, ({ backlog }) => backlog),
    ...legend,
    "</svg>",
  ].join("\n");
}

function drawPanel(
  label: string,
  lines: readonly Line[],
  top: number,
  untilMs: number,
  valueOf: (sample: Sample) => number,
): readonly string[] {
  const shown = lines.map(({ samples }) => samples.filter(({ at }) => at <= untilMs));
  const most = Math.max(1, ...shown.flat().map(valueOf));
  const x = (at: number): string => (panel.left + (at / untilMs) * panel.width).toFixed(1);
  const y = (value: number): string => (top + panel.height * (1 - value / most)).toFixed(1);
  const paths = shown.map((samples, index) => {
    const points = samples.map((sample) => `${x(sample.at)},${y(valueOf(sample))}`).join(" ");
    return `<polyline fill="none" stroke="${colourOf(index)}" stroke-width="1.5" points="${points}"/>`;
  });
  const bottom = top + panel.height;
  return [
    `<rect x="${panel.left}" y="${top}" width="${panel.width}" height="${panel.height}" fill="none" stroke="#ccc"/>`,
    `<text x="${panel.left}" y="${top - 6}">${label}</text>`,
    `<text x="${panel.left - 6}" y="${top + 10}" text-anchor="end">${most}</text>`,
    `<text x="${panel.left - 6}" y="${bottom}" text-anchor="end">0</text>`,
    `<text x="${panel.left + panel.width}" y="${bottom + 15}" text-anchor="end">${Math.round(untilMs / 1000)} s</text>`,
    ...paths,
  ];
}

function legendEntry(name: string, index: number): string {
  const x = panel.left + (index % 4) * 205;
  const y = 562 + Math.floor(index / 4) * 14 - 4;
  return `<text x="${x}" y="${y}" fill="${colourOf(index)}">${escape(name)}</text>`;
}

function colourOf(index: number): string {
  return colours[index % colours.length] ?? "#000000";
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
