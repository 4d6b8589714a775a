import { flow, task, unmapped } from "../../../src/index.ts";

const identity = task("identity", (value: unknown) => value);
const lookUp = task("look-up", (index: number, table: Float64Array) => table[index]);
const repeat = task("repeat", (times: number) => "x".repeat(times));
const lengthOf = task("length-of", (text: string) => text.length);

export const values = [
  new Date(0),
  new Map([["a", new Set([1, 2])]]),
  12345678901234567890n,
  undefined,
  Number.NaN,
  { nested: [null, { deep: "ü\uffff\n" }] },
  new Uint8Array([1, 2, 3]),
];

/** Everything that structured clone carries goes out and comes back. */
export const echo = flow("echo", () => identity.map(values));

/** A large constant that every call uses. */
export const constant = flow("constant", () =>
  lookUp.map([0, 1, 99_999], unmapped(new Float64Array(100_000).fill(7, 99_999))),
);

/** Results far too large for a notice go from worker to worker through the store. */
export const large = flow("large", () => lengthOf.map(repeat.map([300_000, 10, 400_000])));
