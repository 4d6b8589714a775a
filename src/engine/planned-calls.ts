/** What a run has still to hand to its executor, for executors that prepare for it. */
import type { PlannedCalls } from "../executors/executor.ts";
import type { NodeInput, TaskNode } from "../flow/graph.ts";
import { callCode } from "./call-code.ts";
import type { MappedRun } from "./mapped-run.ts";
import { isNodeFinished, type NodeStates, stateOf } from "./node-state.ts";
import { eachInputsOf, type NodePlan } from "./plan.ts";

type FindMapped = (node: number) => MappedRun | undefined;

export function plannedCalls(
  plans: readonly NodePlan[],
  states: NodeStates,
  find: FindMapped,
): readonly PlannedCalls[] {
  return plans.flatMap((plan) => {
    const { node } = plan;
    const state = stateOf(states, node.id);
    if (node.kind !== "task") return [];
    if (state.kind === "Mapped") return waitingChildren(node, find(node.id));
    // Nobody keeps workers for a call that may wait for an hour, but it will come.
    if (state.kind === "Retrying") return [{ slug: node.slug, calls: undefined, after: [] }];
    if (state.kind !== "Pending") return [];
    const calls = node.mapped ? widthOf(node, states) : 1;
    return [{ slug: node.slug, calls, after: unfinishedBefore(plan, plans, states) }];
  });
}

/** Children that begin as those before them end. Those that run behind others in one batch were handed over with them. */
function waitingChildren(node: TaskNode, run: MappedRun | undefined): readonly PlannedCalls[] {
  const calls = run === undefined || run.isFused ? 0 : run.children.count(callCode.pending);
  if (calls > 0) return [{ slug: node.slug, calls, after: [] }];
  const again = run?.children.count(callCode.retrying) ?? 0;
  return again > 0 ? [{ slug: node.slug, calls: undefined, after: [] }] : [];
}

function unfinishedBefore(plan: NodePlan, plans: readonly NodePlan[], states: NodeStates): readonly string[] {
  const upstreams = new Set([...plan.whole, ...plan.elementwise, ...plan.flattened, ...plan.listed]);
  return [...upstreams].flatMap((id) => {
    const upstream = plans[id]?.node;
    return upstream?.kind === "task" && !isNodeFinished(stateOf(states, id)) ? [upstream.slug] : [];
  });
}

/** As many calls as the shortest of the lists has elements; undefined while one of them is not there. */
function widthOf(node: TaskNode, states: NodeStates): number | undefined {
  const widths = eachInputsOf(node).map(({ of }) => lengthOf(of, states));
  return widths.length === 0 || widths.includes(undefined) ? undefined : Math.min(...widths.map(Number));
}

function lengthOf(of: NodeInput, states: NodeStates): number | undefined {
  if (of.kind === "value") return Array.isArray(of.value) ? of.value.length : undefined;
  if (of.kind === "list") return of.items.length;
  if (of.kind !== "node") return undefined;
  const state = stateOf(states, of.node);
  if (state.kind === "Mapped") return state.children.width;
  return state.kind === "Success" && Array.isArray(state.value) ? state.value.length : undefined;
}
