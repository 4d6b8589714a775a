import {
  applyMap,
  caseOf,
  FilterTask,
  flow,
  ifElse,
  merge,
  Parameter,
  range,
  resourceManager,
  SKIP,
  task,
  unmapped,
} from "../../../src/index.ts";

const inc = task("inc", (x: number) => x + 1);
const halve = task("halve", (x: number) => x / 2);
const isEven = task("isEven", (x: number) => x % 2 === 0);
const add = task("add", (x: number, y: number) => x + y);
const sum = task("sum", (xs: readonly number[]) => xs.reduce((a, b) => a + b, 0));
const tell = task("tell", (x: number, how = "plain") => `${how} ${String(x)}`);
const picky = task("picky", (x: number) => {
  if (x === 0) throw new SKIP("zero");
  if (x === 1) throw new Error("one");
  return x;
});
const good = new FilterTask<number>();

const database = resourceManager({
  name: "Database",
  setup: (url: string) => ({ url, open: true }),
  cleanup: (connection, url) => `${connection.url} ${url}`,
});

export const branches = flow("branches", () => {
  const n = new Parameter<number>("n");
  const [even, odd] = ifElse(
    isEven(n),
    () => halve(n),
    () => inc(n),
  );
  return { merged: merge(even, odd), never: caseOf(n, -1, () => inc.map(range(3))) };
});

export const mapped = flow("mapped", () => {
  const merged = applyMap(
    (x, y) => {
      const [even, odd] = ifElse(
        isEven(x),
        () => halve(x),
        () => add(x, y),
      );
      return { merged: merge(even, odd), told: caseOf(isEven(x), true, () => tell(7)) };
    },
    inc.map(range(4)),
    unmapped(10),
  );
  return { ...merged, total: sum(merged.merged), good: good(picky.map(range(4))) };
});

export const resource = flow("resource", () =>
  database("db").use((connection) => tell.with({ after: [connection] })(1)),
);
