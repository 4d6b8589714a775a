import { isMainThread } from "node:worker_threads";
import { flow, task } from "../../../src/index.ts";

// Workers evaluate this module in a slot, which is a thread; the test imports it in its own process.
if (!isMainThread && process.env["VITEST"] === undefined) throw new Error("no licence for this machine");

const fine = task("fine", (x: number) => x);
export const throwing = flow("throwing", () => fine(1));
