/** A picture in Mermaid, the language that Markdown viewers draw. */
import { type Colors, colorsOf, PARAMETER } from "./colors.ts";
import type { Picture, PictureEdge, PictureNode } from "./picture.ts";

export function toMermaid({ title, nodes, edges }: Picture, horizontal: boolean): string {
  const classes = [...new Set(nodes.map(classOf))];
  return [
    "---",
    `title: ${JSON.stringify(title)}`,
    "---",
    `flowchart ${horizontal ? "LR" : "TD"}`,
    ...nodes.map((node) => `  ${nodeLine(node)}`),
    ...edges.map((edge) => `  ${edgeLine(edge)}`),
    ...classes.map((name) => `  ${classLine(name, nodes)}`),
    "",
  ].join("\n");
}

const shapes = {
  parameter: ["([", "])"],
  task: ["(", ")"],
  mapped: ["[[", "]]"],
} as const;

function nodeLine(node: PictureNode): string {
  const [open, close] = shapes[node.shape];
  const counts = node.counts === undefined ? "" : `<br/>${escape(node.counts)}`;
  return `${node.id}${open}"${escape(node.name)}${counts}"${close}:::${classOf(node)}`;
}

function edgeLine({ from, to, label, mapped }: PictureEdge): string {
  return `${from} ${mapped ? "-.->" : "-->"}${label === "" ? "" : `|"${escape(label)}"|`} ${to}`;
}

/** Nodes of one class look the same. */
function classOf({ shape, kind }: PictureNode): string {
  return shape === "parameter" ? "parameter" : (kind ?? "task").toLowerCase();
}

function classLine(name: string, nodes: readonly PictureNode[]): string {
  const one = nodes.find((node) => classOf(node) === name);
  const { fill, line, text }: Colors = name === "parameter" ? PARAMETER : colorsOf(one?.kind);
  return `classDef ${name} fill:${fill},stroke:${line},color:${text}`;
}

/** Mermaid's entities, `#35;`: whatever could mean something to it, to Markdown or to HTML. */
function escape(text: string): string {
  const printable = text.replace(/\s+/gu, " ");
  return printable.replace(/[^\p{L}\p{N} _.,·()/:+-]/gu, (character) => `#${String(character.codePointAt(0))};`) || " ";
}
