import { runInThisContext } from "node:vm";
import { expect, test } from "vitest";
import { parameterNames } from "../../src/flow/parameter-names.ts";

class Doer {
  run(first: unknown, { key }: { key: unknown }): unknown {
    return [first, key];
  }
}

test.each<[string, (...args: never[]) => unknown, (string | undefined)[]]>([
  ["of an arrow function", (x: unknown, y: unknown) => [x, y], ["x", "y"]],
  // As text: the formatter would put the parentheses back.
  ["of an arrow function without parentheses", runInThisContext("x => (x, 1)") as () => unknown, ["x"]],
  ["of an async function", async (données: unknown) => données, ["données"]],
  ["of none", () => 1, []],
  ["with defaults that hold commas and brackets", (a = [1, ")"].join(","), b = 2) => [a, b], ["a", "b"]],
  ["of which some are taken apart", new Doer().run, ["first", undefined]],
  ["gathered", (...rest: unknown[]) => rest, ["rest"]],
  ["of a function that shows no source", ((x: unknown) => x).bind(undefined), []],
])("names %s", (_, body, names) => {
  expect(parameterNames(body)).toEqual(names);
});
