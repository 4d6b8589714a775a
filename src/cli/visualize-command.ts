/** `cloudburst visualize`: draws a flow that a file exports. */
import { Command } from "commander";
import { drawFlow } from "../visualize/draw-flow.ts";
import { loadFlow } from "./load-flows.ts";

interface VisualizeFlags {
  readonly flow?: string;
  readonly output?: string;
  readonly horizontal?: boolean;
}

export function visualizeCommand(): Command {
  return new Command("visualize")
    .description("draw the flow of a TypeScript or JavaScript file")
    .argument("<file>", "the file that exports the flow")
    .option("--flow <name>", "which flow, when the file exports several")
    .option("-o, --output <file>", "an .svg, .dot, .gv or .mmd file (default: Mermaid text, printed)")
    .option("--horizontal", "from left to right")
    .action(visualizeFlowFile);
}

async function visualizeFlowFile(file: string, { flow: name, output, horizontal }: VisualizeFlags): Promise<void> {
  const { flow } = await loadFlow(file, name);
  const diagram = drawFlow(flow, { horizontal });
  if (output === undefined) process.stdout.write(diagram.mermaid);
  else await diagram.save(output);
}
