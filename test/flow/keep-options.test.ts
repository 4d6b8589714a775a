import { describe, expect, it } from "vitest";
import {
  allInputs,
  allParameters,
  durationOnly,
  neverUse,
  partialInputsOnly,
  partialParametersOnly,
} from "../../src/flow/cache-validator.ts";
import { namedInputs } from "../../src/flow/named-inputs.ts";
import { parseTarget } from "../../src/flow/target.ts";
import { task } from "../../src/flow/task.ts";
import { LocalResult } from "../../src/results/local-result.ts";
import { thrownBy } from "./support.ts";

const result = new LocalResult({ dir: "results" });
const facts = {
  parameters: { name: "parameter", region: "eu", day: 3 },
  context: { today: "2026-08-01", mapIndex: 4, name: "context", region: "context" },
  inputs: { name: "input", image: { size: 7 }, at: new Date(0), list: [1] },
};

describe("a target", () => {
  const keyOf = (template: unknown): string => parseTarget("target", template).keyOf(facts);

  it.each([
    ["{name}/{mapIndex}", "input/4"],
    ["{region}-{day}", "context-3"],
    ["{image.size}", "7"],
    ["{list.0}-{ today }", "1-2026-08-01"],
    ["{at}", "1970-01-01T00:00:00.000Z"],
    ["{{braces}}", "{braces}"],
    ["plain", "plain"],
  ])("%s is %s: arguments go before context, context before parameters", (template, key) => {
    expect(keyOf(template)).toBe(key);
  });

  it("may be a function", () => {
    expect(keyOf(({ inputs }: typeof facts) => `key ${inputs.name}`)).toBe("key input");
    expect(() => keyOf(() => 5)).toThrow("target gave 5: it must give a key, which is text");
  });

  it("says what it cannot fill in", () => {
    expect(() => keyOf("{nobody}")).toThrow(
      "target names {nobody}, which this call does not have; it has name, image, at, list, today, mapIndex, region, day",
    );
    expect(thrownBy(() => keyOf("{image}")).code).toBe("bad_target");
  });

  it.each(["{", "a}", "{}", "{a b}", "", 5])("refuses the template %j", (template) => {
    expect(thrownBy(() => parseTarget("target", template)).code).toBe("invalid_option");
  });

  it("tells whether it needs the arguments", () => {
    const names = new Set(["name"]);
    expect(parseTarget("target", "{name}").needsInputs(names)).toBe(true);
    expect(parseTarget("target", "{today}").needsInputs(names)).toBe(false);
    expect(parseTarget("target", () => "a").needsInputs(names)).toBe(true);
  });
});

describe("a validator", () => {
  it.each([
    [neverUse, undefined],
    [durationOnly, "any call"],
    [allInputs, facts.inputs],
    [allParameters, facts.parameters],
    [partialInputsOnly(["name", "none"]), ["input", undefined]],
    [partialParametersOnly(["day"]), [3]],
  ])("%o asks what it says", (validator, fingerprint) => {
    expect(validator.fingerprint(facts)).toEqual(fingerprint);
  });

  it("refuses what is no list of names", () => {
    expect(() => partialInputsOnly("x" as never)).toThrow("partialInputsOnly takes a list of names, got 'x'");
  });
});

describe("the options of a task", () => {
  const keepingOf = (options: object): unknown => task("t", () => 1, options).nodeOptions.keeping;

  it("are checked and given their defaults", () => {
    expect(keepingOf({})).toBeUndefined();
    expect(keepingOf({ cacheFor: "1h" })).toEqual({ cache: { forMs: 3_600_000, validator: durationOnly, key: "t" } });
    expect(keepingOf({ result, checkpoint: false })).toEqual({
      kept: { in: result, target: undefined, writes: false },
    });
  });

  it.each([
    [{ cacheFor: 0 }, 'cacheFor of task "t" must be milliseconds above 0'],
    [{ cacheFor: 1, cacheValidator: 5 }, 'cacheValidator of task "t" must be a validator such as allInputs, got 5'],
    [{ cacheFor: 1, cacheKey: "" }, "cacheKey of task"],
    [{ cacheKey: "k" }, 'cacheKey of task "t" means nothing without `cacheFor`'],
    [{ cacheValidator: allInputs }, "means nothing without `cacheFor`"],
    [{ target: "x" }, 'target of task "t" means nothing without `result`'],
    [{ checkpoint: true }, "means nothing without `result`"],
    [{ result: {} }, 'result of task "t" must be a store such as new LocalResult'],
    [{ result, checkpoint: 1 }, 'checkpoint of task "t" must be true or false, got 1'],
    [{ result, target: "{" }, 'target of task "t" has a brace without its other half'],
  ])("%j are refused", (options, message) => {
    expect(() => keepingOf(options)).toThrow(message);
  });
});

it("arguments are named as the body names them", () => {
  expect(namedInputs((x: number, y = 1) => x + y, [1, 2])).toEqual({ x: 1, y: 2 });
  expect(namedInputs(({ a }: { a: number }) => a, [{ a: 1 }])).toEqual({ a: 1, 0: { a: 1 } });
  expect(namedInputs((box: { a: number }) => box.a, [{ a: 1 }])).toEqual({ a: 1, box: { a: 1 } });
});
