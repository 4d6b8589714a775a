/** All policies on one trace, in the same world. */
import { awsTargetTracking } from "./policies/aws-target-tracking.ts";
import { cdkSteps } from "./policies/cdk-steps.ts";
import { daskAdaptive } from "./policies/dask-adaptive.ts";
import { fixedMaximum } from "./policies/fixed-maximum.ts";
import { keda } from "./policies/keda.ts";
import { findOracle } from "./policies/oracle.ts";
import { cloudburst } from "./policies/cloudburst.ts";
import type { Trace } from "../../src/simulate/trace.ts";
import { type Policy, World } from "../../src/simulate/world.ts";
import type { Outcome } from "../../src/simulate/outcome.ts";

export interface Contest {
  readonly outcomes: ReadonlyMap<string, Outcome>;
  readonly oracle: Outcome;
}

export function policiesFor(trace: Trace): readonly Policy[] {
  const { quota } = trace.cloud;
  return [
    cloudburst(trace, { name: "Cloudburst, first run", remembers: false }),
    cloudburst(trace, { name: "Cloudburst", remembers: true }),
    daskAdaptive(quota),
    keda(quota),
    awsTargetTracking(quota),
    cdkSteps(quota),
    fixedMaximum(quota),
  ];
}

export function holdContest(trace: Trace, seed: number): Contest {
  const outcomes = new Map(policiesFor(trace).map((policy) => [policy.name, new World(trace, policy, seed).run()]));
  return { outcomes, oracle: findOracle(trace, seed) };
}
