/** What users see of a node's state. */
import { unreachable } from "../base/errors.ts";
import type { MapStates, State, StateChange, StateKind } from "../flow/state.ts";
import { type ChildKind, hasValue, kindOfCode } from "./call-code.ts";
import type { ChildStates } from "./child-states.ts";
import type { TimedChange } from "./child-times.ts";
import { notFetched, resultOf } from "./home-values.ts";
import { message as messages, retryingMessage } from "./messages.ts";
import type { CallProgress } from "./call-state.ts";
import type { NodeState } from "./node-state.ts";
import { usualState } from "./usual-child.ts";

export function viewState(state: NodeState, history: readonly StateChange[]): State {
  if (state.kind !== "Mapped") return viewCall(state, () => history);
  const { kind, message, attempts, children } = state;
  return {
    kind,
    message,
    attempts,
    history,
    error: undefined,
    mapStates: new MapStatesView(children),
    get result() {
      if (!children.peekHome()) throw notFetched();
      return children.toList();
    },
  };
}

/** `historyOf` is asked when somebody looks at the history. */
function viewCall(state: CallProgress, historyOf: () => readonly StateChange[]): State {
  const { kind, message, attempts } = state;
  // Written out for each kind: put together from parts, a state would take many times as long to make.
  switch (kind) {
    case "Success":
    case "Cached":
      return {
        kind,
        message,
        attempts,
        error: undefined,
        get history() {
          return historyOf();
        },
        get result() {
          return resultOf(state);
        },
      };
    case "Skipped":
      return {
        kind,
        message,
        attempts,
        result: state.value,
        error: undefined,
        get history() {
          return historyOf();
        },
      };
    case "Failed":
    case "TimedOut":
    case "TriggerFailed":
    case "ValidationFailed":
      return {
        kind,
        message,
        attempts,
        result: state.value,
        error: state.error,
        get history() {
          return historyOf();
        },
      };
    default:
      return viewUnended(state, historyOf);
  }
}

type WithoutResult = "Pending" | "Running" | "Retrying" | "Paused" | "Cancelled";

function viewUnended(
  state: Extract<CallProgress, { readonly kind: WithoutResult }>,
  historyOf: () => readonly StateChange[],
): State {
  const { kind, message, attempts } = state;
  switch (kind) {
    case "Retrying":
      return {
        kind,
        message,
        attempts,
        startTime: dateOf(state.dueMs),
        result: undefined,
        error: undefined,
        get history() {
          return historyOf();
        },
      };
    case "Pending":
    case "Running":
    case "Paused":
    case "Cancelled":
      return {
        kind,
        message,
        attempts,
        result: undefined,
        error: undefined,
        get history() {
          return historyOf();
        },
      };
    default:
      return unreachable(kind);
  }
}

function dateOf(atMs: number): Date | undefined {
  return Number.isNaN(atMs) ? undefined : new Date(atMs);
}

/** Makes the states of children one by one, when they are asked for. */
class MapStatesView implements MapStates {
  readonly #children: ChildStates;

  constructor(children: ChildStates) {
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
    return exists ? viewChild(this.#children, position) : undefined;
  }

  *[Symbol.iterator](): Generator<State> {
    for (let index = 0; index < this.length; index += 1) yield viewChild(this.#children, index);
  }
}

function viewChild(children: ChildStates, index: number): State {
  const attempts = children.attemptsAt(index);
  const changes = (): readonly TimedChange[] => children.times.of(index, children.codeAt(index));
  const view = viewCall({ ...children.stateAt(index), attempts }, () =>
    timedHistory(view, children.times.startMs, changes(), children.maxRetries),
  );
  if (!hasValue(children.codeAt(index))) return view;
  return Object.defineProperty(view, "result", {
    enumerable: true,
    get: () => {
      const found = children.peekAt(index);
      if (found === undefined) throw notFetched();
      return found.value;
    },
  });
}

/** For a child whose value, if it has one, is in `state`, and of which nothing else is at hand. */
export function viewChildState(state: CallProgress, maxRetries: number | undefined): State {
  const view = viewCall(state, () => childHistory(view, maxRetries));
  return view;
}

/** Made of the times that are kept of a child: what it became, and when. Its last message is known, earlier ones are usual. */
function timedHistory(
  { kind, message, attempts }: State,
  startMs: number,
  changes: readonly TimedChange[],
  maxRetries: number | undefined,
): readonly StateChange[] {
  const first: StateChange = { kind: "Pending", message: messages.pending, at: new Date(startMs) };
  let begun = 0;
  const later = changes.map(({ code, at }, position): StateChange => {
    const past = kindOfCode[code];
    if (past === "Running") begun += 1;
    const isLast = position === changes.length - 1 && past === kind;
    return { kind: past, message: isLast ? message : usualMessage(past, begun, maxRetries), at };
  });
  // Who was never begun was handed to nobody: a handler, or a kept result, came before.
  return [first, ...(attempts === 0 ? later.filter((change) => change.kind !== "Running") : later)];
}

function usualMessage(kind: ChildKind, begun: number, maxRetries: number | undefined): string {
  return kind === "Retrying" ? retryingMessage(begun, maxRetries) : usualState[kind].message;
}

/** Made of how often the body was begun, and how the child stands. */
function childHistory({ kind, message, attempts }: State, maxRetries: number | undefined): readonly StateChange[] {
  const passed: [StateKind, string][] = [["Pending", messages.pending]];
  for (let attempt = 1; attempt <= attempts; attempt += 1) {
    passed.push(["Running", messages.running]);
    if (attempt < attempts) passed.push(["Retrying", retryingMessage(attempt, maxRetries)]);
  }
  const last = passed.at(-1);
  if (last?.[0] !== kind) passed.push([kind, message]);
  return passed.map(([past, text]) => ({ kind: past, message: text, at: undefined }));
}
