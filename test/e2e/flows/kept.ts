import { allInputs, flow, LocalResult, Parameter, range, task } from "../../../src/index.ts";

const directory = process.env["CLOUDBURST_TEST_RESULTS"] ?? "unset";

const make = task("make", (x: number) => ({ id: x, text: "x".repeat(20_000) })); // too long to come home in a notice
const kept = task("kept", (made: { id: number }) => made.id * 2, {
  result: new LocalResult({ dir: directory, format: "json" }),
  target: "{flowName}/{made.id}.json",
});
const cached = task("cached", (x: number) => x + 1, { cacheFor: "1h", cacheValidator: allInputs });
const sum = task("sum", (xs: readonly number[]) => xs.reduce((a, b) => a + b, 0));

export const keeping = flow("keeping", () => {
  const n = new Parameter<number>("n");
  return { total: sum(kept.map(make.map(range(n)))), one: cached(n) };
});
