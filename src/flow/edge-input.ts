import { CloudburstError } from "../base/errors.ts";
import { Unmapped } from "./annotations.ts";
import type { EdgeOptions } from "./flow-scope.ts";
import type { NodeInput } from "./graph.ts";
import { eachOf, inputOf, plainInputOf, type Place } from "./inputs.ts";
import { refuseUnknownOptions } from "./known-options.ts";
import { preview } from "./preview.ts";

const EDGE_OPTIONS = ["key", "mapped", "flattened", "flow"];

/** What the downstream end of an edge takes. Marks on the value, such as `unmapped(x)`, come before the options. */
export function edgeInput(upstream: unknown, options: EdgeOptions, place: Place): NodeInput {
  refuseUnknownOptions("an edge", options, EDGE_OPTIONS);
  checkKey(options.key);
  if (upstream instanceof Unmapped) return flattenedIf(options, plainInputOf(upstream.value, place));
  if (options.mapped !== true) return options.flattened === true ? flat(upstream, place) : inputOf(upstream, place);
  return options.flattened === true ? { kind: "each", of: flat(upstream, place) } : eachOf(upstream, place);
}

function flattenedIf({ flattened }: EdgeOptions, of: NodeInput): NodeInput {
  return flattened === true ? { kind: "flatten", of } : of;
}

function flat(upstream: unknown, place: Place): NodeInput {
  return { kind: "flatten", of: plainInputOf(upstream, place) };
}

function checkKey(key: unknown): void {
  if (key === undefined || (typeof key === "string" && key !== "")) return;
  throw new CloudburstError(
    "bad_key",
    `the key of an edge must name a property of the body's object argument, got ${preview(key)}`,
  );
}
