/** Turns the inputs of a node, once its upstreams have finished, into what executors understand. */
import { CloudburstError, unreachable } from "../base/errors.ts";
import { type Column, type Input, RemoteValue } from "../executors/executor.ts";
import type { EachInput, NodeInput } from "../flow/graph.ts";
import { holdsValue, resultOf } from "./home-values.ts";
import { type NodeState, type NodeStates, stateOf } from "./node-state.ts";

/** What children take from an `each`; undefined when its upstream has no elements to give. */
export type ColumnOf = (each: EachInput) => Column | undefined;

export function resolveInput(input: NodeInput, states: NodeStates, columnOf: ColumnOf = refuseEach): Input {
  switch (input.kind) {
    case "value":
      return input;
    case "node":
      return resolveNode(stateOf(states, input.node));
    case "list":
      return { kind: "list", items: input.items.map((item) => resolveInput(item, states, columnOf)) };
    case "record":
      return {
        kind: "record",
        entries: input.entries.map(([key, entry]) => [key, resolveInput(entry, states, columnOf)] as const),
      };
    case "flatten":
      return { kind: "flatten", of: resolveInput(input.of, states, columnOf) };
    case "each": {
      const column = columnOf(input);
      return column === undefined ? resolveInput(input.of, states) : { kind: "each", column };
    }
    default:
      return unreachable(input);
  }
}

function resolveNode(state: NodeState): Input {
  if (state.kind === "Mapped") return { kind: "results", results: state.children };
  if (holdsValue(state) && state.value instanceof RemoteValue) return { kind: "remote", value: state.value };
  return { kind: "value", value: resultOf(state) };
}

function refuseEach(): never {
  throw new CloudburstError("bad_graph", "a plain task has a mapped input");
}
