/** What `flow.visualize()` takes and gives; src/visualize draws. */
import type { Graph } from "./graph.ts";
import type { FlowState } from "./flow-state.ts";

export interface VisualizeOptions {
  /** How a run of the flow ended: tasks are coloured by it, and mapped tasks show how many children ended how. */
  readonly state?: FlowState | undefined;
  /** From left to right instead of from top to bottom. @default false */
  readonly horizontal?: boolean | undefined;
}

/** A picture of a flow, in the languages that draw one. */
export interface FlowDiagram {
  /** For Markdown: GitHub, GitLab and many editors draw what stands in a `mermaid` block. */
  readonly mermaid: string;
  /** For Graphviz and whatever else reads DOT. */
  readonly dot: string;
  /** Drawn with Graphviz, which is loaded the first time. */
  svg(): Promise<string>;
  /**
   * Writes the picture to a file; its ending says how: `.svg`, `.dot` or `.gv`, `.mmd` or `.mermaid`.
   *
   * @throws {InvalidOptionError} for another ending.
   */
  save(file: string): Promise<void>;
}

/** Draws a flow's graph. */
export type FlowDrawer = (
  flow: { readonly name: string; readonly graph: Graph },
  options: VisualizeOptions,
) => FlowDiagram;
