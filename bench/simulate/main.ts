/**
 * Scaling policies side by side on the same simulated traces.
 *
 *     tsx bench/simulate/main.ts [--json] [--seeds 3] [--quota 1000] [--random 40] [--scale]
 *
 * Each cell: cost x makespan relative to the oracle, makespan, cost. Charts go to out/simulate/.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { chart } from "./chart.ts";
import { type Contest, holdContest } from "./contest.ts";
import { cloudburst } from "./policies/cloudburst.ts";
import { compare, type Result, summarise, table } from "./report.ts";
import { allTraces, randomTraces, scaleTrace } from "./traces.ts";
import type { Trace } from "../../src/simulate/trace.ts";
import { World } from "../../src/simulate/world.ts";

const folder = "out/simulate";

const { values } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    scale: { type: "boolean", default: false },
    seeds: { type: "string", default: "3" },
    quota: { type: "string", default: "1000" },
    random: { type: "string", default: "0" },
  },
});

if (values.scale) simulateScale();
else simulateAll(Number(values.seeds), Number(values.quota), Number(values.random));

function simulateAll(seeds: number, quota: number, randomBursts: number): void {
  mkdirSync(folder, { recursive: true });
  const results: Result[] = [];
  for (let seed = 1; seed <= seeds; seed += 1) {
    for (const trace of randomBursts > 0 ? randomTraces(seed, randomBursts, quota) : allTraces(seed, quota)) {
      const contest = holdContest(trace, seed);
      results.push(...compare(trace.name, seed, contest.outcomes, contest.oracle));
      if (seed === 1 && randomBursts === 0) writeChart(trace, contest);
    }
  }
  const summary = summarise(results);
  console.log(values.json ? JSON.stringify({ quota, seeds, results, summary }, null, 2) : table(results));
}

function writeChart(trace: Trace, { outcomes, oracle }: Contest): void {
  const lines = [["oracle", oracle] as const, ...outcomes].map(([name, { timeline }]) => ({
    name,
    samples: timeline.samples,
  }));
  const untilMs = 3 * (outcomes.get("Cloudburst")?.makespanMs ?? oracle.makespanMs);
  const svg = chart(`${trace.name}: ${trace.about}`, lines, untilMs);
  writeFileSync(`${folder}/${trace.name.replaceAll(/[^a-z]+/giu, "-").toLowerCase()}.svg`, svg);
}

/** Ten thousand workers and ten million calls: what the simulator itself can bear. */
function simulateScale(): void {
  const trace = scaleTrace(1);
  const begun = performance.now();
  const outcome = new World(trace, cloudburst(trace, { name: "Cloudburst", remembers: true }), 1).run();
  const tookS = (performance.now() - begun) / 1000;
  const { makespanMs, usd, peak } = outcome;
  console.log(`${trace.about}: ${peak} workers at the most, ${(makespanMs / 1000).toFixed(0)} s, $${usd.toFixed(2)}`);
  console.log(`simulated in ${tookS.toFixed(1)} s`);
}
