import { expect, test } from "vitest";
import { isSerializable } from "../../src/wire/is-serializable.ts";

class Connection {
  readonly #secret = 1;
  get open(): boolean {
    return this.#secret > 0;
  }
}

test.each([1, undefined, [new Date(0)], { a: new Map([[1, 2n]]) }, new Error("no"), new Uint8Array(2)])(
  "%o can travel",
  (value) => {
    expect(isSerializable(value)).toBe(true);
  },
);

test.each([() => 1, Symbol("s"), [Promise.resolve()], { deep: { in: () => 1 } }, new Connection()])(
  "%o cannot",
  (value) => {
    expect(isSerializable(value)).toBe(false);
  },
);
