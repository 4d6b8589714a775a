import { type Executor, RemoteValue } from "../executors/executor.ts";
import { holdsValue, isRemote } from "./home-values.ts";
import { type NodeState, stateOf } from "./node-state.ts";

/** Replaces what an executor keeps elsewhere of the results of `nodes` by the values themselves. */
export async function bringHome(nodes: readonly number[], states: NodeState[], executor: Executor): Promise<void> {
  const remote = [...new Set(nodes)].filter((node) => isRemote(stateOf(states, node)));
  if (remote.length === 0) return;
  const parts = remote.map((node) => partsOf(stateOf(states, node)));
  const values = await executor.wait(parts.flat());
  let next = 0;
  for (const [position, node] of remote.entries()) {
    const count = parts[position]?.length ?? 0;
    replace(node, states, values.slice(next, next + count));
    next += count;
  }
}

function partsOf(state: NodeState): readonly unknown[] {
  if (state.kind === "Mapped") return state.children.remoteSlices();
  return holdsValue(state) ? [state.value] : [];
}

function replace(node: number, states: NodeState[], values: readonly unknown[]): void {
  const state = stateOf(states, node);
  if (state.kind === "Mapped")
    state.children.bringHome(values.map((slice) => (Array.isArray(slice) ? (slice as unknown[]) : [])));
  else if (holdsValue(state) && state.value instanceof RemoteValue) states[node] = { ...state, value: values[0] };
}
