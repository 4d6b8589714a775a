import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeLines, decodeValue, encodeValue, UnsendableValueError } from "../../src/wire/values.ts";

const roundTrip = (value: unknown): unknown => decodeValue(encodeValue(value, "the value"));

/** What structured clone carries, nested at random. */
const sendable = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    fc.string({ unit: "grapheme" }),
    fc.double(),
    fc.bigInt(),
    fc.boolean(),
    fc.constant(null),
    fc.constant(undefined),
    fc.date(),
    fc.uint8Array(),
    fc.float64Array(),
    fc.array(tie("value")),
    fc.dictionary(
      fc.string().filter((key) => key !== "__proto__"),
      tie("value"),
      {
        noNullPrototype: true,
      },
    ),
    fc.array(fc.tuple(tie("value"), tie("value"))).map((entries) => new Map(entries)),
    fc.array(tie("value")).map((members) => new Set(members)),
  ),
})).value;

describe("values on the wire", () => {
  it("come back as structured clone would give them", () => {
    fc.assert(
      fc.property(sendable, (value) => {
        // Vitest's own equality does not look into objects that are keys of a Map.
        expect(isDeepStrictEqual(roundTrip(value), structuredClone(value))).toBe(true);
      }),
    );
  });

  it("take one line each, however many line breaks are in them", () => {
    fc.assert(fc.property(sendable, (value) => !encodeValue(value, "the value").includes("\n")));
  });

  it("decode in blocks as they decode singly", () => {
    fc.assert(
      fc.property(fc.array(sendable), (values) => {
        const lines = values.map((value) => encodeValue(value, "the value"));
        expect(isDeepStrictEqual(decodeLines(lines), lines.map(decodeValue))).toBe(true);
      }),
    );
  });

  it("keep cycles and shared references", () => {
    const shared = { n: 1 };
    const value: Record<string, unknown> = { a: shared, b: shared };
    value["self"] = value;
    const back = roundTrip(value) as typeof value;
    expect(back["self"]).toBe(back);
    expect(back["a"]).toBe(back["b"]);
  });

  it("keep what is easily lost: negative zero, NaN, infinities, holes in arrays, lone surrogates", () => {
    for (const value of [-0, NaN, Infinity, -Infinity, [1, , 3], "\ud800", "\ufffe\uffff\u0000"]) {
      expect(roundTrip(value)).toStrictEqual(value);
    }
  });

  it("carry errors with name, message, stack, cause and own properties", () => {
    const cause = new RangeError("too far");
    const error = Object.assign(new TypeError("no", { cause }), { code: "E_NO", limits: new Map([["a", 1]]) });
    const back = roundTrip({ error }) as { error: typeof error };
    expect(back.error).toBeInstanceOf(TypeError);
    expect(back.error).toMatchObject({
      name: "TypeError",
      message: "no",
      stack: error.stack,
      code: "E_NO",
      limits: error.limits,
    });
    expect(back.error.cause).toBeInstanceOf(RangeError);
    expect(back.error.cause).toMatchObject({ message: "too far", stack: cause.stack });
  });

  it("carry errors of classes that only the worker knows under their name", () => {
    class QuotaError extends Error {
      override readonly name = "QuotaError";
      readonly left = 3;
    }
    expect(roundTrip(new QuotaError("spent"))).toMatchObject({ name: "QuotaError", message: "spent", left: 3 });
  });

  it("carry an error although one of its properties cannot travel", () => {
    const error = Object.assign(new Error("broken"), { socket: () => 1, code: 7 });
    const back = roundTrip(error) as Error;
    expect(back).toMatchObject({ message: "broken", code: 7 });
    expect("socket" in back).toBe(false);
  });

  it("carry the errors inside an AggregateError", () => {
    const back = roundTrip(new AggregateError([new Error("a"), new Error("b")], "both")) as AggregateError;
    expect(back.errors.map((error: Error) => error.message)).toEqual(["a", "b"]);
  });

  it.each([
    ["a function", { a: [1, () => 1] }, "a[1]", "a function"],
    ["a symbol", { deep: { key: Symbol("s") } }, "deep.key", "a symbol"],
    ["a promise", { later: Promise.resolve(1) }, "later", "a promise (await it)"],
  ])("refuse %s and say where it is", (_, value, path, reason) => {
    expect(() => encodeValue(value, "the result of task inc[3]")).toThrow(
      `the result of task inc[3] cannot travel between driver and worker: \`${path}\` in it is ${reason}`,
    );
  });

  it("refuse an instance of a class, which would come back without its methods and private state", () => {
    class Account {
      readonly #balance = 1;
      get balance(): number {
        return this.#balance;
      }
    }
    expect(() => encodeValue(new Account(), "x")).toThrow(UnsendableValueError);
    expect(() => encodeValue(new Account(), "x")).toThrow("it is an instance of class Account");
  });

  it("never change an object's prototype", () => {
    const line = encodeValue(JSON.parse('{"a":{"b":1}}'), "x").replace('"b"', '"__proto__"');
    expect(() => decodeValue(line)).toThrow();
  });
});
