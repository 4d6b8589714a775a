/** What `flow.visualize()` does. */
import { writeFile } from "node:fs/promises";
import { extname } from "node:path";
import { InvalidOptionError } from "../base/errors.ts";
import type { FlowDiagram, FlowDrawer } from "../flow/flow-diagram.ts";
import { toDot } from "./dot.ts";
import { toMermaid } from "./mermaid.ts";
import { pictureOf } from "./picture.ts";

export const drawFlow: FlowDrawer = ({ graph }, { state, horizontal = false }) => {
  const picture = pictureOf(graph, state);
  return new Diagram(toMermaid(picture, horizontal), toDot(picture, horizontal));
};

class Diagram implements FlowDiagram {
  readonly mermaid: string;
  readonly dot: string;

  constructor(mermaid: string, dot: string) {
    this.mermaid = mermaid;
    this.dot = dot;
  }

  async svg(): Promise<string> {
    const { instance } = await import("@viz-js/viz"); // 1.2 MB, which nobody should load who draws nothing
    return (await instance()).renderString(this.dot, { format: "svg" });
  }

  async save(file: string): Promise<void> {
    await writeFile(file, await this.#contentFor(file));
  }

  async #contentFor(file: string): Promise<string> {
    switch (extname(file).toLowerCase()) {
      case ".svg":
        return await this.svg();
      case ".dot":
      case ".gv":
        return this.dot;
      case ".mmd":
      case ".mermaid":
        return this.mermaid;
      default:
        throw new InvalidOptionError(
          `a picture can be saved as .svg, .dot, .gv, .mmd or .mermaid, got ${JSON.stringify(file)}`,
          { file },
        );
    }
  }
}
