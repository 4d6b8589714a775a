/** `cloudburst why`: what was decided about the workers of a recorded run, and why. */
import { Command } from "commander";
import { readRecord } from "../observe/record-library.ts";
import { formatDecisionAt, formatDecisions, timeInRun } from "../observe/why-text.ts";
import { recordsDirectory } from "./records.ts";

export function whyCommand(): Command {
  return new Command("why")
    .description("explain why a recorded run had that many workers (docs/planning.md)")
    .argument("<run>", "its id, the beginning of the id, or last")
    .argument("[time]", "the decision that held then: after the start (90s, 2m), or with the date (ISO 8601)")
    .action(why);
}

async function why(run: string, time: string | undefined): Promise<void> {
  const record = await readRecord(await recordsDirectory(), run);
  console.log(time === undefined ? formatDecisions(record) : formatDecisionAt(record, timeInRun(time, record)));
}
