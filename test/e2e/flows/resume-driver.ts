/** A driver that is made to be killed: tells its run's id and each chunk that is committed, and goes on until its end. */
import { FargateExecutor } from "../../../src/index.ts";
import { resumable } from "./resumable.ts";

const [options = "{}", parameters = "{}"] = process.argv.slice(2);
const executor = new FargateExecutor(JSON.parse(options) as object);
const state = await resumable.run({
  executor,
  parameters: JSON.parse(parameters) as { journal: string; n: number; ms: number },
  onEvent: (event) => {
    if (event.type === "run-started") console.log(event.runId);
    if (event.type === "executor" && event.event.kind === "chunk-committed") console.log("committed");
  },
});
console.log(JSON.stringify(state.result));
