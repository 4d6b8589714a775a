/**
 * Chains of mapped tasks over the same indices run in one batch where the executor can: f, then g, then h, without
 * leaving the worker.
 */
import type { Step } from "../executors/executor.ts";
import { makingMark } from "../flow/slug.ts";
import { allSuccessful } from "../flow/trigger.ts";
import { firstMaking, type Making } from "./again-groups.ts";
import { batchMaker, type RunCalls } from "./calls.ts";
import type { MappedRun } from "./mapped-run.ts";
import { eachInputsOf } from "./plan.ts";
import { isWatched } from "./tell-handlers.ts";

export interface Chain {
  readonly making: Making;
  /** At least one; more only for executors that fuse. */
  readonly members: readonly [MappedRun, ...MappedRun[]];
  readonly batch: ReturnType<typeof batchMaker>;
}

/** The chain that `leader` begins. Decided once, before its first batch; `find` gives the nodes whose width is known. */
export function chainOf(
  leader: MappedRun,
  options: { readonly calls: RunCalls; readonly fuses: boolean },
  find: (node: number) => MappedRun | undefined,
): Chain {
  const members: [MappedRun, ...MappedRun[]] = [leader];
  const steps: [Step, ...Step[]] = [leader.stepFor(undefined)];
  let last = leader;
  for (let next = options.fuses ? fusible(last, find) : undefined; next !== undefined; next = fusible(last, find)) {
    next.isFused = true;
    steps.push(next.stepFor({ kind: "step", step: steps.length - 1 }));
    members.push(next);
    last = next;
  }
  return { making: firstMaking, members, batch: batchMaker(options.calls, steps) };
}

/**
 * The rest of a chain from `step` on, for calls that failed there and are made again. What is behind has not run for
 * these calls, so that the slugs of its steps must tell this time from any other.
 */
export function chainAgain(chain: Chain, step: number, making: Making, calls: RunCalls): Chain {
  const [leader = chain.members[0], ...behind] = chain.members.slice(step);
  const first = leader.stepFor(undefined);
  const mark = making.begun === 0 ? "~0" : makingMark(making);
  const rest = behind.map((member, at) => {
    const own = member.stepFor({ kind: "step", step: at });
    return { ...own, slug: `${own.slug}~${first.slug}${mark}` };
  });
  const steps: [Step, ...Step[]] = [{ ...first, slug: first.slug + mark }, ...rest];
  return { making, members: [leader, ...behind], batch: batchMaker(calls, steps, making.begun - making.pauses) };
}

/** The one follower of `upstream`, if each of its calls needs nothing more than the same call there to succeed. */
function fusible(upstream: MappedRun, find: (node: number) => MappedRun | undefined): MappedRun | undefined {
  const [follower, ...others] = upstream.plan.followers;
  const next = follower === undefined || others.length > 0 ? undefined : find(follower);
  if (next === undefined || next.node.trigger !== allSuccessful || !next.node.skipOnUpstreamSkip) return undefined;
  // Handlers may put another state in the place of any.
  if (isWatched(upstream.node) || isWatched(next.node)) return undefined;
  const { base, elementwise } = next.upstreams;
  if (elementwise.length !== 1 || base.successful < base.total || base.skipped > 0) return undefined;
  const sameIndex = eachInputsOf(next.node).every(({ of }) => of.kind === "node" && of.node === upstream.plan.node.id);
  return sameIndex ? next : undefined;
}
