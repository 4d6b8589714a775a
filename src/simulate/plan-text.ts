/** A plan as people read it. */
import type { ExecutorProfile, FleetProfile } from "../executors/executor.ts";
import type { FlowPlan, PlannedTask, PlanOutcome } from "../flow/flow-plan.ts";
import { US_EAST_1_PRICES } from "../base/prices.ts";
import { formatPrices } from "../observe/cost.ts";
import { formatCount, formatDuration, formatQuantity, formatUsd } from "../observe/human-units.ts";

type Row = readonly [label: string, text: string];

const places: Readonly<Record<ExecutorProfile["place"], string>> = {
  "in-process": "this machine, without a cluster",
  local: "worker processes of this machine",
  fargate: "a temporary cluster on Fargate",
  shared: "a shared cluster",
  custom: "an executor of one's own",
};

const sources: Readonly<Record<PlannedTask["callMsFrom"], string>> = {
  estimate: "given",
  "earlier runs": "as measured before",
  assumption: "assumed",
  library: "the library's own",
};

export function formatPlan(plan: Omit<FlowPlan, "toString">, profile: ExecutorProfile): string {
  const { outcome, unknown, assumptions, tasks } = plan;
  return align([
    ["plan", `${plan.flowName} on ${places[profile.place]}; nothing was started`],
    ...labelled("calls", callsRows(tasks)),
    ...(profile.fleet === undefined ? [] : [["workers", fleetText(profile.fleet)] satisfies Row]),
    ...(outcome === undefined ? [] : outcomeRows(outcome, profile)),
    ...labelled("unknown", unknown),
    ...labelled("assumed", assumptions),
  ]);
}

function callsRows(tasks: readonly PlannedTask[]): readonly string[] {
  const known = tasks.flatMap(({ calls }) => calls ?? []);
  const total = known.reduce((sum, calls) => sum + calls, 0);
  const complete = known.length === tasks.length;
  const mapped = tasks.some((task) => task.mapped) ? "" : ": no task is mapped, so that more workers are of little use";
  const width = Math.max(...tasks.map(({ slug }) => slug.length));
  return [
    complete ? formatQuantity(total, "call") + mapped : `at least ${formatQuantity(total, "call")}: not all are known`,
    ...tasks.map(({ slug, calls, callMs, callMsFrom }) => {
      const count = calls === undefined ? "unknown" : formatCount(calls);
      if (callMsFrom === "earlier runs" && callMs.likely === 0)
        return `${slug.padEnd(width)}  ${count.padStart(9)} on the same workers, in the time above`;
      return `${slug.padEnd(width)}  ${count.padStart(9)} x ${callMs.likely < 1 ? "under 1 ms" : formatDuration(callMs.likely)} (${sources[callMsFrom]})`;
    }),
  ];
}

export function fleetText(fleet: FleetProfile): string {
  const { minimum, maximum, slotsPerWorker, spot, worker } = fleet;
  const count =
    minimum === maximum ? formatCount(minimum) : `${minimum} to ${maximum ?? "as many as the quota allows"}`;
  const size = `${worker.vcpu} vCPU / ${worker.memoryGb} GB ${worker.architecture}${spot ? " Spot" : ""}`;
  return `${count}, ${formatQuantity(slotsPerWorker, "call")} at once each; paid as ${size}`;
}

function outcomeRows(
  { low, likely, high }: NonNullable<FlowPlan["outcome"]>,
  { place, fleet }: ExecutorProfile,
): readonly Row[] {
  const three = (of: (outcome: PlanOutcome) => string): string =>
    `${of(likely)} likely, ${of(low)} low, ${of(high)} high`;
  const paid = place === "local" ? "on Fargate" : "cost";
  return [
    [
      "wall time",
      three(({ wallMs }) => (Number.isFinite(wallMs) ? formatDuration(wallMs) : "never (the budget ends first)")),
    ],
    ...(place === "in-process"
      ? []
      : ([
          [paid, three(({ usd }) => formatUsd(usd))],
          ["", formatPrices(fleet?.prices ?? US_EAST_1_PRICES)],
          ["at once", three(({ peakWorkers }) => formatQuantity(peakWorkers, "worker"))],
          ["over time", sparkline(likely)],
        ] satisfies Row[])),
  ];
}

const blocks = [" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"] as const;
const columns = 40;

/** Workers over time as one line of text. */
function sparkline({ workersOverTime, wallMs, peakWorkers }: PlanOutcome): string {
  const last = Number.isFinite(wallMs) ? wallMs : (workersOverTime.at(-1)?.atMs ?? 0);
  const cells = Array.from({ length: columns }, (_, column) => {
    const until = ((column + 1) / columns) * last;
    const workers = workersOverTime.findLast(({ atMs }) => atMs <= until)?.workers ?? 0;
    return blocks[Math.ceil((workers / Math.max(1, peakWorkers)) * (blocks.length - 1))] ?? " ";
  });
  return `|${cells.join("")}| ${formatDuration(last)}, ${formatQuantity(peakWorkers, "worker")} high`;
}

function labelled(label: string, texts: readonly string[]): readonly Row[] {
  return texts.map((text, index) => [index === 0 ? label : "", text] as const);
}

function align(rows: readonly Row[]): string {
  const width = Math.max(0, ...rows.map(([label]) => label.length));
  return rows.map(([label, text]) => `  ${label.padEnd(width)}  ${text}`.trimEnd()).join("\n");
}
