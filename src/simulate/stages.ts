/** The stages in which a graph's calls become ready: what a plan or a replay feeds to the simulated world. */
import type { Graph } from "../flow/graph.ts";
import { eachInputsOf, type NodePlan, planGraph } from "../engine/plan.ts";

/** Tasks of a chain over the same elements, which one chunk runs one after the other; often a single one. */
export interface Stage {
  /** Node ids, in the order in which they run. */
  readonly nodes: readonly [number, ...number[]];
  /** Nodes that have to be done first. */
  readonly after: readonly number[];
  /** Whether the stage could begin before all of a mapped upstream is done: a plan does not. */
  readonly followsChildren: boolean;
}

/** @param fuses whether the executor runs chains without leaving the worker */
export function stagesOf(graph: Graph, fuses: boolean): readonly Stage[] {
  const plans = planGraph(graph);
  const followers = new Set<number>();
  const chains = new Map<number, [number, ...number[]]>();
  for (const plan of plans) {
    if (plan.node.kind !== "task") continue;
    const chain = fuses ? chainFrom(plan, plans) : ([plan.node.id] as [number]);
    chains.set(plan.node.id, chain);
    for (const id of chain.slice(1)) followers.add(id);
  }
  return [...chains].filter(([leader]) => !followers.has(leader)).map(([, nodes]) => stageOf(nodes, plans));
}

function stageOf(nodes: [number, ...number[]], plans: readonly NodePlan[]): Stage {
  const own = new Set<number>(nodes);
  const members = nodes.flatMap((id) => plans[id] ?? []);
  const outside = (pick: (plan: NodePlan) => readonly number[]): readonly number[] =>
    members.flatMap(pick).filter((id) => !own.has(id));
  const children = outside(({ elementwise, flattened }) => [...elementwise, ...flattened]);
  const after = new Set([...children, ...outside(({ whole, listed }) => [...whole, ...listed])]);
  return { nodes, after: [...after], followsChildren: children.length > 0 };
}

function chainFrom(leader: NodePlan, plans: readonly NodePlan[]): [number, ...number[]] {
  const chain: [number, ...number[]] = [leader.node.id];
  for (let next = fused(leader, plans); next !== undefined; next = fused(next, plans)) chain.push(next.node.id);
  return chain;
}

/** The engine's rule (src/engine/fusion.ts), as far as a graph alone can tell. */
function fused({ node, followers }: NodePlan, plans: readonly NodePlan[]): NodePlan | undefined {
  const [only, ...others] = followers;
  const next = only === undefined || others.length > 0 ? undefined : plans[only];
  if (next?.node.kind !== "task" || next.elementwise.length !== 1) return undefined;
  const sameIndex = eachInputsOf(next.node).every(({ of }) => of.kind === "node" && of.node === node.id);
  return sameIndex ? next : undefined;
}
