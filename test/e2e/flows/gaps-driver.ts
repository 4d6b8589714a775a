/** A driver that is lost in the midst of its work: tells its run's id, and ends itself at the so many-th chunk of sums. */
import { writeSync } from "node:fs";
import { FargateExecutor } from "../../../src/index.ts";
import { zipWithFailures } from "./gaps.ts";

const [options = "{}", parameters = "{}", chunks = "1"] = process.argv.slice(2);
let left = Number(chunks);
await zipWithFailures.run({
  executor: new FargateExecutor(JSON.parse(options) as object),
  parameters: JSON.parse(parameters) as { n: number; every: number; journal: string },
  onEvent: (event) => {
    if (event.type === "run-started") writeSync(1, `${event.runId}\n`);
    if (event.type !== "executor" || event.event.kind !== "chunk-committed") return;
    if (event.event.slugs?.[0] === "add-1" && --left === 0) process.kill(process.pid, "SIGKILL");
  },
});
