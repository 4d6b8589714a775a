import { describe, expect, test } from "vitest";
import * as z from "zod";
import { InvalidOptionError } from "../../src/base/errors.ts";
import { Parameter } from "../../src/flow/parameter.ts";
import { task } from "../../src/flow/task.ts";
import { validateParameters } from "../../src/flow/validate-parameters.ts";
import { flow } from "./support.ts";

const show = task("show", (...values: unknown[]) => values.length);

describe("parameters of a zod object", () => {
  const parameters = z.object({
    n: z.number().int().default(100),
    url: z.string(),
    tag: z.string().optional(),
    when: z.coerce.date().default(new Date(0)),
    box: z.object({ sides: z.array(z.number()) }).optional(),
  });
  const example = flow("example", { parameters }, ({ n, url }) => show(n, url));

  test("are parameter nodes, whether or not the builder uses them", () => {
    expect(example.graph.nodes.slice(0, 5).map(({ kind, slug }) => [kind, slug])).toEqual([
      ["parameter", "n"],
      ["parameter", "url"],
      ["parameter", "tag"],
      ["parameter", "when"],
      ["parameter", "box"],
    ]);
  });

  test("get their defaults and what the schema makes of them", () => {
    const values = validateParameters(example, { url: "a", when: "2020-01-01" });
    expect(values).toEqual({ n: 100, url: "a", when: new Date("2020-01-01") });
  });

  test("are refused by all who are missing", () => {
    expect(() => validateParameters(example, {})).toThrow(
      "Flow.run did not receive the following required parameters: url " +
        '(flow "example": give them as run({ parameters: { url: … } }))',
    );
    expect(() => validateParameters(example, undefined)).toThrow(InvalidOptionError);
    expect(() => validateParameters(example, undefined)).toThrow("required parameters: url");
  });

  test("are refused by names that the flow does not have", () => {
    expect(() => validateParameters(example, { url: "a", q: 1, r: 2 })).toThrow(
      "Flow.run received the following unexpected parameters: q, r " + '(flow "example" has n, url, tag, when, box)',
    );
    expect(() =>
      validateParameters(
        flow("bare", () => 1),
        { q: 1 },
      ),
    ).toThrow('Flow.run received the following unexpected parameters: q (flow "bare" has none)');
  });

  test("are refused with name, value and zod's words, all at once", () => {
    expect(() => validateParameters(example, { url: 5, n: "many", box: { sides: [1, "b"] } })).toThrow(
      "parameters of flow \"example\" are not valid: n is 'many': Invalid input: expected number, received string; " +
        "url is 5: Invalid input: expected string, received number; " +
        "box.sides.1 is 'b': Invalid input: expected number, received string",
    );
  });

  test("are refused when they are no object", () => {
    expect(() => validateParameters(example, [1])).toThrow('parameters of flow "example" must be an object, got [ 1 ]');
  });

  test("are checked together", () => {
    const span = z.object({ from: z.number(), to: z.number() }).refine((s) => s.from <= s.to, "from is after to");
    const spanned = flow("spanned", { parameters: span }, ({ from }) => from);
    expect(() => validateParameters(spanned, { from: 2, to: 1 })).toThrow(
      'parameters of flow "spanned" are not valid: from is after to',
    );
  });

  test("must not need to wait for their check", () => {
    const slow = z.object({ n: z.number().refine(async () => true) });
    const waiting = flow("waiting", { parameters: slow }, ({ n }) => n);
    expect(() => validateParameters(waiting, { n: 1 })).toThrow('parameters of flow "waiting" could not be checked: ');
  });
});

describe("Parameter", () => {
  const example = flow("spelled", () => {
    show(Parameter("plain"), new Parameter("newed"));
    Parameter("defaulted", { default: 5 });
    Parameter("insisted", { default: 5, required: true });
    Parameter("left out", { required: false });
    return Parameter("checked", { schema: z.coerce.number().positive(), default: "7" });
  });
  const enough = { plain: 1, newed: 2, insisted: 3 };

  test("may be called and constructed, and is a node of the flow", () => {
    expect(example.graph.nodes.slice(0, 2)).toEqual([
      { kind: "parameter", id: 0, name: "plain", slug: "plain" },
      { kind: "parameter", id: 1, name: "newed", slug: "newed" },
    ]);
    expect(example.graph.nodes.map(({ slug }) => slug)).toContain("left.20.out");
  });

  test("is required unless it has a default, and even with one if it says so", () => {
    expect(() => validateParameters(example, {})).toThrow("required parameters: plain, newed, insisted (");
  });

  test("gets its default, checked by its schema", () => {
    expect(validateParameters(example, enough)).toEqual({ ...enough, defaulted: 5, "left out": undefined, checked: 7 });
  });

  test("is checked by its schema under its own name", () => {
    expect(() => validateParameters(example, { ...enough, checked: "-3" })).toThrow(
      "parameters of flow \"spelled\" are not valid: checked is '-3': Too small: expected number to be >0",
    );
  });

  test("refuses a name that is none, and unknown options", () => {
    expect(() => flow("f", () => Parameter(""))).toThrow("the name of a parameter must be a string that is not empty");
    expect(() => flow("f", () => Parameter("p", { defualt: 1 } as object))).toThrow(
      'parameter "p" has no option "defualt": allowed are default, required, schema',
    );
  });
});
