/** How a run begins that another driver has begun before: as what, with what, and whether this flow is still that one. */
import { isDeepStrictEqual } from "node:util";
import { CloudburstError, InvalidOptionError } from "../base/errors.ts";
import type { Executor, RecalledRun } from "../executors/executor.ts";
import type { FlowDefinition } from "../flow/flow.ts";
import { preview } from "../flow/preview.ts";
import type { RunOptions } from "../flow/run-options.ts";
import { validateParameters } from "../flow/validate-parameters.ts";
import { outlineOf } from "./outline.ts";
import type { RunFactsParts } from "./run-facts.ts";
import { runIdForm } from "./run-id.ts";

/** What a run is from its beginning on, whoever drives it. */
export interface Beginning extends Omit<RunFactsParts, "flowName" | "settings"> {
  readonly resumes: boolean;
}

/**
 * @throws {InvalidOptionError} for options that contradict the run, and where the executor cannot resume.
 * @throws {CloudburstError} `other_flow` for a run of another flow, or of one that has other tasks now; and what the
 *   executor says of a run that is not there, or that has a driver.
 */
export async function recallRun(
  flow: FlowDefinition,
  options: RunOptions,
  executor: Executor,
  signal: AbortSignal,
): Promise<Beginning> {
  const runId = checkRunId(options.resume);
  refuseContext(options.context);
  if (executor.recall === undefined) {
    throw new InvalidOptionError(
      `resume: runs of ${executor.constructor.name} cannot be resumed, since it keeps no results behind the end of its process ` +
        "(a FargateExecutor on a FargateCluster, a stack or a scheduler does)",
      { runId },
    );
  }
  const recalled = await executor.recall(runId, signal);
  refuseOtherFlow(flow, recalled, runId);
  const { startedAtMs, context: given } = recalled;
  const parameters = parametersOf(flow, recalled, options.parameters, runId);
  return { runId, startedAtMs, given, parameters, resumes: true };
}

function checkRunId(given: unknown): string {
  if (typeof given === "string" && runIdForm.test(given)) return given;
  throw new InvalidOptionError(
    `resume must be the id of a run, 26 lower-case letters and digits as \`state.runId\` has it, got ${preview(given)} ` +
      "(see `npx cloudburst runs`)",
  );
}

/** Dates and keys are those of the run: targets and the like are named by them. */
function refuseContext(given: RunOptions["context"]): void {
  if (given === undefined) return;
  throw new InvalidOptionError("resume: the context is that of the run, so that `context` must not be given as well");
}

function refuseOtherFlow({ name, graph }: FlowDefinition, recalled: RecalledRun, runId: string): void {
  if (recalled.flowName !== name) {
    throw new CloudburstError(
      "other_flow",
      `run ${runId} is one of flow "${recalled.flowName}", not of "${name}" (resume it with that flow)`,
      { data: { runId, flow: recalled.flowName } },
    );
  }
  const differences = differencesOf(recalled.outline, outlineOf(graph));
  if (differences.length === 0) return;
  throw new CloudburstError(
    "other_flow",
    `flow "${name}" is not as it was when run ${runId} began, so that nobody can tell whose results are there: ` +
      `${differences.join("; ")} (put it back, or run it anew; what the tasks do may have changed)`,
    { data: { runId, differences } },
  );
}

type Outline = RecalledRun["outline"];

function differencesOf(before: Outline, now: Outline): readonly string[] {
  const differences: string[] = [];
  for (const [slug, was] of Object.entries(before)) {
    const is = now[slug];
    if (is === undefined) differences.push(`${slug} is gone`);
    else if (is !== was) differences.push(`${slug} took ${was}, and takes ${is} now`);
  }
  for (const slug of Object.keys(now)) if (!Object.hasOwn(before, slug)) differences.push(`${slug} is new`);
  return differences;
}

/** Those of the run, as its tasks saw them: schemas are not asked again, which may have changed them then. */
function parametersOf(
  flow: FlowDefinition,
  { parameters, lostParameters }: RecalledRun,
  given: object | undefined,
  runId: string,
): Readonly<Record<string, unknown>> {
  const missing = lostParameters.filter((name) => given === undefined || !Object.hasOwn(given, name));
  if (missing.length > 0) {
    throw new InvalidOptionError(
      `resume: the parameters ${missing.join(", ")} of run ${runId} are not plain data and could not be kept: give \`parameters\` as ` +
        "you gave them then",
      { missing },
    );
  }
  if (given === undefined) return parameters;
  const checked = validateParameters(flow, given);
  const different = Object.keys(given).find(
    (name) => Object.hasOwn(parameters, name) && !isDeepStrictEqual(checked[name], parameters[name]),
  );
  if (different === undefined) {
    const lost = lostParameters.map((name): [string, unknown] => [name, checked[name]]);
    return { ...parameters, ...Object.fromEntries(lost) };
  }
  throw new InvalidOptionError(
    `resume: parameter ${different} of run ${runId} is ${preview(parameters[different])}, got ${preview(checked[different])} ` +
      "(leave `parameters` out: they are those of the run)",
    { parameter: different },
  );
}
