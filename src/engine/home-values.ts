/** Values of inputs as they are at hand in this process. */
import { CloudburstError, unreachable } from "../base/errors.ts";
import { RemoteValue } from "../executors/executor.ts";
import type { NodeInput } from "../flow/graph.ts";
import { nodesIn } from "../flow/node-references.ts";
import { type NodeState, type NodeStates, stateOf } from "./node-state.ts";

/** The value that an input stands for, with what stands for results that are none: errors, and null for skipped. */
export function homeValue(input: NodeInput, states: NodeStates, valueOf = resultOf): unknown {
  switch (input.kind) {
    case "value":
      return input.value;
    case "node":
      return valueOf(stateOf(states, input.node));
    case "list":
      return input.items.map((item) => homeValue(item, states, valueOf));
    case "record":
      return Object.fromEntries(input.entries.map(([key, entry]) => [key, homeValue(entry, states, valueOf)]));
    case "flatten":
      return flattenValue(homeValue(input.of, states, valueOf));
    case "each":
      throw new CloudburstError("bad_graph", "a mapped input stands where a plain value is needed");
    default:
      return unreachable(input);
  }
}

/**
 * What stands for a node's result wherever it is used.
 *
 * @throws {CloudburstError} `result_not_fetched` when its executor keeps the value elsewhere.
 */
export function resultOf(state: NodeState): unknown {
  const found = resultAtHand(state);
  if (found === undefined) throw notFetched();
  return found.value;
}

/** The same, or undefined when nobody but the executor has the value. */
export function resultAtHand(state: NodeState): { readonly value: unknown } | undefined {
  switch (state.kind) {
    case "Success":
    case "Cached":
      return state.value instanceof RemoteValue ? state.value.peek() : { value: state.value };
    case "Mapped":
      return state.children.peekHome() ? { value: state.children.toList() } : undefined;
    case "Skipped":
    case "Failed":
    case "TimedOut":
    case "TriggerFailed":
    case "ValidationFailed":
      return { value: state.value };
    case "Pending":
    case "Running":
    case "Retrying":
    case "Paused":
    case "Cancelled":
      return { value: undefined };
    default:
      return unreachable(state);
  }
}

/** The node has a value that came of a call, as opposed to what stands for one. */
export function holdsValue(state: NodeState): state is NodeState & { readonly kind: "Success" | "Cached" } {
  return state.kind === "Success" || state.kind === "Cached";
}

export function notFetched(): CloudburstError {
  return new CloudburstError(
    "result_not_fetched",
    "the result stayed where the task ran: return the task's handle from the flow's builder, " +
      'or run the flow with { fetch: "all" }',
  );
}

/** One level of nesting removed; what is no array passes as it is, also among the elements. */
export function flattenValue(value: unknown): unknown {
  return Array.isArray(value) ? (value as unknown[]).flat(1) : value;
}

/** Nodes in `input` whose values, or some of them, are kept elsewhere. */
export function remoteNodesIn(input: NodeInput, states: NodeStates): readonly number[] {
  return [...nodesIn(input)].filter((node) => isRemote(stateOf(states, node)));
}

export function isRemote(state: NodeState): boolean {
  if (state.kind === "Mapped") return state.children.hasRemote;
  return holdsValue(state) && state.value instanceof RemoteValue;
}
