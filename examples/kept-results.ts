/**
 * Results that outlive a run: the second run finds the reports of the first one and makes only the one that is missing.
 *
 *     npx tsx examples/kept-results.ts
 */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as z from "zod";
import { flow, LocalResult, task } from "../src/index.ts";

const dir = await mkdtemp(join(tmpdir(), "reports-"));

const report = task(
  "report",
  (region: string) => {
    console.log(`making the report of ${region}`);
    return { region, sales: region.length * 1000 };
  },
  { result: new LocalResult({ dir, format: "json" }), target: "{today}/{region}.json" },
);

export const reports = flow("reports", { parameters: z.object({ regions: z.array(z.string()) }) }, ({ regions }) =>
  report.map(regions),
);

try {
  const first = await reports.run({ parameters: { regions: ["north", "south"] } });
  const second = await reports.run({ parameters: { regions: ["north", "south", "west"] } });
  console.log(`${first.kind}: ${first.result.length} reports, then ${second.kind}: ${second.result.length} reports`);
} finally {
  await rm(dir, { recursive: true });
}
