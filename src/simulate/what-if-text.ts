/** A what-if as people read it: the recorded run, the simulation of it, and the simulation of the other settings. */
import { formatDuration, formatUsd } from "../observe/human-units.ts";
import type { RunRecord } from "../observe/run-record.ts";
import { textTable } from "../observe/text-table.ts";
import { fleetText } from "./plan-text.ts";
import type { WhatIfRow } from "./what-if.ts";

export function formatWhatIf({ header, end }: RunRecord, rows: readonly WhatIfRow[]): string {
  const { fleet } = header.profile;
  const [recorded, asItWas] = rows;
  return [
    `${header.flow}, run ${header.runId}${fleet === undefined ? "" : `: workers ${fleetText(fleet)}`}`,
    "",
    textTable([["", "launch to last result", "cost", "workers", "limited by"], ...rows.map(cellsOf)]),
    ...(recorded === undefined || asItWas === undefined ? [] : ["", errorOf(recorded, asItWas)]),
    ...(header.profile.place === "local" ? ["cost is what the same would have been paid on Fargate"] : []),
    ...(end?.cost?.prices === undefined ? [] : [`cost by ${end.cost.prices}`]),
  ].join("\n");
}

function cellsOf({ what, makespanMs, usd, workers, limit }: WhatIfRow): readonly string[] {
  return [
    what,
    Number.isFinite(makespanMs) ? formatDuration(makespanMs) : "never (the budget ends first)",
    usd === undefined ? "–" : formatUsd(usd),
    String(workers),
    limit ?? "–",
  ];
}

/** What of the difference to the record is the simulator's own doing. */
function errorOf(recorded: WhatIfRow, simulated: WhatIfRow): string {
  const off = (was: number | undefined, is: number | undefined): string => {
    if (was === undefined || is === undefined || was === 0 || !Number.isFinite(is)) return "unknown";
    const percent = Math.round((100 * (is - was)) / was);
    return `${percent > 0 ? "+" : ""}${percent} %`;
  };
  const time = off(recorded.makespanMs, simulated.makespanMs);
  return `the simulator's own error: ${time} in time, ${off(recorded.usd, simulated.usd)} in cost`;
}
