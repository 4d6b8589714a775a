/** A picture in DOT, the language of Graphviz. */
import { type Colors, colorsOf, EDGE, FONT, PARAMETER, TEXT } from "./colors.ts";
import type { Picture, PictureEdge, PictureNode } from "./picture.ts";

const shapes = {
  parameter: 'shape=ellipse style="filled" margin="0.14,0.04" height=0.42',
  task: 'shape=box style="filled,rounded"',
  // The second outline says that there are many of it.
  mapped: 'shape=box style="filled" peripheries=2',
} as const;

export function toDot({ title, nodes, edges }: Picture, horizontal: boolean): string {
  return [
    "digraph {",
    `  graph [label=<<B>${escape(title)}</B>> labelloc=t fontname="${FONT}" fontsize=18 fontcolor="${TEXT}"`,
    `    rankdir=${horizontal ? "LR" : "TB"} bgcolor=white pad=0.4 nodesep=0.45 ranksep=0.6]`,
    `  node [fontname="${FONT}" fontsize=13 penwidth=1.4 margin="0.22,0.12" height=0.5]`,
    `  edge [fontname="${FONT}" fontsize=11 color="${EDGE}" fontcolor="${EDGE}" penwidth=1.3 arrowsize=0.75]`,
    ...nodes.map((node) => `  ${nodeLine(node)}`),
    ...edges.map((edge) => `  ${edgeLine(edge)}`),
    "}",
    "",
  ].join("\n");
}

function nodeLine({ id, shape, name, counts, kind }: PictureNode): string {
  const { fill, line, text }: Colors = shape === "parameter" ? PARAMETER : colorsOf(kind);
  const below = counts === undefined ? "" : `<BR/><FONT POINT-SIZE="11">${escape(counts)}</FONT>`;
  const label = `<${escape(name)}${below}>`;
  return `${id} [${shapes[shape]} label=${label} fillcolor="${fill}" color="${line}" fontcolor="${text}"]`;
}

function edgeLine({ from, to, label, mapped }: PictureEdge): string {
  const attributes = [...(label === "" ? [] : [`label=< ${escape(label)} >`]), ...(mapped ? ["style=dashed"] : [])];
  return `${from} -> ${to}${attributes.length === 0 ? "" : ` [${attributes.join(" ")}]`}`;
}

const entities = new Map([
  ["&", "&amp;"],
  ["<", "&lt;"],
  [">", "&gt;"],
  ['"', "&quot;"],
]);

/** Text for Graphviz's labels of the kind `<…>`. An empty one would be no label. */
function escape(text: string): string {
  // Graphviz reads XML, which has no control characters, not even as entities.
  const printable = text.replace(/\s+/gu, " ").replace(/\p{Cc}/gu, "\ufffd");
  return printable.replace(/[&<>"]/gu, (character) => entities.get(character) ?? character) || " ";
}
