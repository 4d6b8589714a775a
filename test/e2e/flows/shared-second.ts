import * as z from "zod";
import { flow, range, task } from "../../../src/index.ts";

// The name of a task of another flow, on purpose: a worker must not mix them up.
const name = task("name", (x: number) => `second ${String(x)} by ${String(process.pid)}`);

export const secondNames = flow("second-names", { parameters: z.object({ n: z.number().int() }) }, ({ n }) =>
  name.map(range(n)),
);
