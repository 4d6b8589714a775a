import { runInThisContext } from "node:vm";
import { expect, test } from "vitest";
import { parameterNames, propertyNames } from "../../src/flow/parameter-names.ts";

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

class Taker {
  run({ first, second: renamed = [1, 2] }: { first: unknown; second?: unknown }): unknown {
    return [first, renamed];
  }
}

test.each<[string, (...args: never[]) => unknown, readonly string[] | undefined]>([
  ["taken apart", ({ x, y }: { x: unknown; y: unknown }) => [x, y], ["x", "y"]],
  ["with other names and defaults", new Taker().run, ["first", "second"]],
  ["of an async function, with a default for the whole", async ({ x = {} }: { x?: object } = {}) => x, ["x"]],
  ["none", ({}: object) => 1, []],
  ["and a rest, which is any", ({ x, ...rest }: { x: unknown }) => [x, rest], undefined],
  ["behind a name", (given: { x: unknown }) => given.x, undefined],
  ["of a returned object only", runInThisContext("x => ({ y: x })") as () => unknown, undefined],
  ["of a function that shows no source", (({ x }: { x: unknown }) => x).bind(undefined), undefined],
])("tells properties %s", (_, body, names) => {
  expect(propertyNames(body)).toEqual(names);
});
