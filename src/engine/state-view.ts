/** What users see of a node's state. */
import { CloudburstError, unreachable } from "../base/errors.ts";
import type { GraphNode } from "../flow/graph.ts";
import type { MapStates, State, StateKind } from "../flow/state.ts";
import { callCode, kindOfCode } from "./call-code.ts";
import type { ChildStates } from "./child-states.ts";
import { notFetched, resultOf } from "./home-values.ts";
import { failedMessage, message, retryingMessage, skippedMessage, unexpectedMessage } from "./messages.ts";
import type { NodeState } from "./node-state.ts";

export function viewState(node: GraphNode, state: NodeState): State {
  const { kind, message } = state;
  switch (kind) {
    case "Success":
      return {
        kind,
        message,
        attempts: state.attempts,
        get result() {
          return resultOf(state);
        },
      };
    case "Mapped":
      return {
        kind,
        message,
        attempts: 0,
        mapStates: new MapStatesView(node, state.children),
        get result() {
          return listOf(state);
        },
      };
    case "Skipped":
      return { kind, message, attempts: 0, result: null };
    case "Failed":
      return { kind, message, attempts: state.attempts, result: state.error, error: state.error };
    case "TriggerFailed":
      return { kind, message, attempts: 0, result: state.error, error: state.error };
    case "Retrying":
      return { kind, message, attempts: state.attempts, result: undefined };
    case "Pending":
    case "Running":
    case "Cancelled":
      return { kind, message, attempts: kind === "Pending" ? 0 : 1, result: undefined };
    default:
      return unreachable(kind);
  }
}

function listOf({ children }: { readonly children: ChildStates }): readonly unknown[] {
  if (!children.peekHome()) throw notFetched();
  return children.toList();
}

/** Makes the states of children one by one, when they are asked for. */
class MapStatesView implements MapStates {
  readonly #node: GraphNode;
  readonly #children: ChildStates;

  constructor(node: GraphNode, children: ChildStates) {
    this.#node = node;
    this.#children = children;
  }

  get length(): number {
    return this.#children.width;
  }

  get counts(): Readonly<Partial<Record<StateKind, number>>> {
    const counted = kindOfCode.map((kind, code) => [kind, this.#children.count(code)] as const);
    return Object.fromEntries(counted.filter(([, count]) => count > 0));
  }

  at(index: number): State | undefined {
    const position = index < 0 ? this.length + index : index;
    const exists = Number.isInteger(position) && position >= 0 && position < this.length;
    return exists ? viewChild(this.#node, this.#children, position) : undefined;
  }

  *[Symbol.iterator](): Generator<State> {
    for (let index = 0; index < this.length; index += 1) yield viewChild(this.#node, this.#children, index);
  }
}

function viewChild(node: GraphNode, children: ChildStates, index: number): State {
  const code = children.codeAt(index);
  const attempts = children.attemptsAt(index);
  switch (code) {
    case callCode.pending:
      return { kind: "Pending", message: message.pending, attempts, result: undefined };
    case callCode.running:
      return { kind: "Running", message: message.running, attempts, result: undefined };
    case callCode.retrying: {
      const maxRetries = node.kind === "task" ? (node.retry?.maxRetries ?? 0) : 0;
      return { kind: "Retrying", message: retryingMessage(attempts, maxRetries), attempts, result: undefined };
    }
    case callCode.cancelled:
      return { kind: "Cancelled", message: message.cancelled, attempts, result: undefined };
    case callCode.skipped:
      return {
        kind: "Skipped",
        message: node.kind === "task" ? skippedMessage(node) : message.pending,
        attempts,
        result: null,
      };
    case callCode.success:
      return {
        kind: "Success",
        message: message.success,
        attempts,
        get result() {
          const found = children.peekAt(index);
          if (found === undefined) throw notFetched();
          return found.value;
        },
      };
    case callCode.failed:
    case callCode.triggerFailed:
      return viewFailedChild(children, index, code);
    default:
      return unreachable(code);
  }
}

function viewFailedChild(
  children: ChildStates,
  index: number,
  code: typeof callCode.failed | typeof callCode.triggerFailed,
): State {
  const error =
    children.errorAt(index) ?? new CloudburstError("engine_bug", `child ${String(index)} failed without an error`);
  const attempts = children.attemptsAt(index);
  if (code === callCode.triggerFailed) {
    return { kind: "TriggerFailed", message: error.message, attempts, result: error, error };
  }
  const text = children.isUnexpected(error) ? unexpectedMessage(error) : failedMessage(error);
  return { kind: "Failed", message: text, attempts, result: error, error };
}
