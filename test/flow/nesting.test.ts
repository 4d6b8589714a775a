import fc from "fast-check";
import { expect, test } from "vitest";
import type { NodeInput } from "../../src/flow/graph.ts";
import { task } from "../../src/flow/task.ts";
import { flow, taskNode } from "./support.ts";

const source = task("source", (label: string) => label);
const sink = task("sink", (nest: unknown) => nest);

/** A leaf that stands for a handle of the call `source(label)`. */
interface HandleLeaf {
  readonly handleOf: string;
}

function isHandleLeaf(value: unknown): value is HandleLeaf {
  return typeof value === "object" && value !== null && "handleOf" in value;
}

const { nest } = fc.letrec<{ nest: unknown }>((tie) => ({
  nest: fc.oneof(
    { depthSize: "medium", withCrossShrink: true },
    fc.record({ handleOf: fc.string() }),
    fc.oneof(
      fc.integer(),
      fc.string(),
      fc.constant(null),
      fc.constant(undefined),
      fc.date(),
      fc.constant(new Set([1])),
    ),
    fc.array(tie("nest"), { maxLength: 5 }),
    fc.dictionary(
      fc.string().filter((key) => key !== "handleOf"),
      tie("nest"),
      { maxKeys: 5 },
    ),
  ),
}));

/** The nest with every handle leaf replaced by `replace` of its label. */
function substitute(value: unknown, replace: (label: string) => unknown): unknown {
  if (isHandleLeaf(value)) return replace(value.handleOf);
  if (Array.isArray(value)) return value.map((item) => substitute(item, replace));
  if (typeof value !== "object" || value === null || value instanceof Date || value instanceof Set) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, substitute(part, replace)]));
}

/** What an engine makes of an input. */
function resolve(input: NodeInput | undefined, results: readonly string[]): unknown {
  switch (input?.kind) {
    case "value":
      return input.value;
    case "node":
      return results[input.node];
    case "list":
      return input.items.map((item) => resolve(item, results));
    case "record":
      return Object.fromEntries(input.entries.map(([key, entry]) => [key, resolve(entry, results)]));
    default:
      throw new Error(`a nest of handles has no ${String(input?.kind)}`);
  }
}

test("a nest of arrays and objects with handles anywhere resolves to the same nest of values", () => {
  fc.assert(
    fc.property(nest, (shape) => {
      const labels: string[] = [];
      const built = flow("nest", () => {
        const withHandles = substitute(shape, (label) => {
          labels.push(label);
          return source(label);
        });
        sink(withHandles);
        return withHandles;
      });
      const expected = substitute(shape, (label) => label);
      expect(resolve(taskNode(built.graph, "sink-1").inputs[0], labels)).toEqual(expected);
      expect(resolve(built.graph.output, labels)).toEqual(expected);
    }),
  );
});
