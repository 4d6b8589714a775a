import { flow, task } from "../../../src/index.ts";

/** A task that exists only while this function runs: no worker can find it. */
export function makeFlow() {
  const hidden = task("hidden", (x: number) => x);
  return flow("inside-function", () => hidden(1));
}
