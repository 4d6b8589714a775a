/**
 * The ten traces. Calls are as users have them (docs/decisions/0020-scaling.md tells where the numbers come from);
 * the account runs 1,000 workers of 1 vCPU and a worker says hello 40 s after RunTask, more or less.
 */
import { exponential, type Random, seeded } from "../../src/simulate/random.ts";
import type { Billing } from "../../src/simulate/billing.ts";
import { type Batch, type Cloud, drawBatch, type Release, type Trace } from "../../src/simulate/trace.ts";

/** A worker of 1 vCPU and 2 GB (ARM, public address): list prices of us-east-1 of August 2026; Spot takes off 65 %. */
export const fargateBilling: Billing = {
  usdPerHour: { "on-demand": 0.0395 + 0.005, spot: 0.0395 * 0.35 + 0.005 },
  minimumMs: 60_000,
  unbilledStartUpMs: 10_000,
};

const calm: Cloud = {
  capacity: "on-demand",
  startUpMs: 40_000,
  startUpSigma: 0.15,
  quota: 1_000,
  slotsPerWorker: 1,
  billing: fargateBilling,
  spotStorm: undefined,
  drought: undefined,
};

const second = 1_000;
const minute = 60_000;

export function allTraces(seed: number, quota: number): readonly Trace[] {
  const random = seeded(seed);
  return makers.map((make) => {
    const trace = make(random);
    return { ...trace, cloud: { ...trace.cloud, quota } };
  });
}

const shortBurst = (random: Random): Trace => ({
  name: "short burst",
  about: "300 calls of about 8 s at once",
  batches: [drawBatch(random, { task: "work", calls: 300, medianMs: 8 * second, sigma: 0.3 })],
  cloud: calm,
});

const longBurst = (random: Random): Trace => ({
  name: "long burst",
  about: "20,000 calls of about 30 s at once",
  batches: [drawBatch(random, { task: "work", calls: 20_000, medianMs: 30 * second, sigma: 0.3 })],
  cloud: calm,
});

const heavyTail = (random: Random): Trace => ({
  name: "heavy tail",
  about: "2,000 calls of 4 s at the median, some of minutes",
  batches: [drawBatch(random, { task: "work", calls: 2_000, medianMs: 4 * second, sigma: 1.3, longestMs: 5 * minute })],
  cloud: calm,
});

/** Each phase after all of the one before. */
function releaseAfter(phase: number, delayMs: number): Release {
  return phase === 0 ? { atMs: 0 } : { after: [phase - 1], delayMs };
}

const waves = (random: Random): Trace => ({
  name: "waves",
  about: "6 waves of 200 calls of about 10 s; each is sent two minutes after the end of the one before",
  batches: Array.from({ length: 6 }, (_, phase) =>
    drawBatch(
      random,
      { task: "work", calls: 200, medianMs: 10 * second, sigma: 0.3 },
      { phase, release: releaseAfter(phase, 2 * minute) },
    ),
  ),
  cloud: calm,
});

const dependentStages = (random: Random): Trace => {
  const stages = [
    { task: "fetch", calls: 1_000, medianMs: 5 * second, sigma: 0.3 },
    { task: "train", calls: 60, medianMs: 60 * second, sigma: 0.2 },
    { task: "score", calls: 4_000, medianMs: 2 * second, sigma: 0.3 },
    { task: "report", calls: 1, medianMs: 30 * second, sigma: 0.1 },
  ];
  return {
    name: "dependent stages",
    about: "1,000 x 5 s, then 60 x 60 s, then 4,000 x 2 s, then 1 x 30 s, each after all of the one before",
    batches: stages.map((stage, phase) =>
      drawBatch(random, stage, {
        phase,
        announced: true,
        release: releaseAfter(phase, 100),
      }),
    ),
    cloud: calm,
  };
};

const trickle = (random: Random): Trace => {
  const batches: Batch[] = [];
  for (let atMs = 0; atMs < 30 * minute; atMs += exponential(random, 30 * second)) {
    const spec = { task: "work", calls: 1, medianMs: 20 * second, sigma: 0.3 };
    batches.push(drawBatch(random, spec, { release: { atMs } }));
  }
  return { name: "trickle", about: "a call of about 20 s every 30 s, for 30 minutes", batches, cloud: calm };
};

const shortCalls = (random: Random): Trace => ({
  name: "a million short calls",
  about: "1,000,000 calls of about 20 ms at once",
  batches: [drawBatch(random, { task: "work", calls: 1_000_000, medianMs: 20, sigma: 0.4 })],
  cloud: calm,
});

const spotStorm = (random: Random): Trace => ({
  name: "Spot storm",
  about:
    "2,000 calls of about 20 s on Spot; from 1 to 6 min Spot refuses 7 of 10 requests and takes workers back after 3 min",
  batches: [drawBatch(random, { task: "work", calls: 2_000, medianMs: 20 * second, sigma: 0.3 })],
  cloud: {
    ...calm,
    capacity: "spot",
    spotStorm: { fromMs: minute, toMs: 6 * minute, refused: 0.7, meanLifeMs: 3 * minute },
  },
});

const drought = (random: Random): Trace => ({
  name: "capacity drought",
  about: "1,000 calls of about 20 s; for the first 5 min Fargate has capacity for 60 workers only",
  batches: [drawBatch(random, { task: "work", calls: 1_000, medianMs: 20 * second, sigma: 0.3 })],
  cloud: { ...calm, drought: { fromMs: 0, toMs: 5 * minute, workers: 60 } },
});

const shared = (random: Random): Trace => ({
  name: "shared cluster, two runs",
  about: "400 calls of about 15 s; after 100 s another run sends 800 calls of about 6 s",
  batches: [
    drawBatch(random, { task: "work", calls: 400, medianMs: 15 * second, sigma: 0.3 }),
    drawBatch(
      random,
      { task: "other", calls: 800, medianMs: 6 * second, sigma: 0.3 },
      { foreign: true, phase: 1, release: { atMs: 100 * second } },
    ),
  ],
  cloud: calm,
});

const makers = [
  shortBurst,
  longBurst,
  heavyTail,
  waves,
  dependentStages,
  trickle,
  shortCalls,
  spotStorm,
  drought,
  shared,
] as const;

/** Bursts drawn at random, which nothing was tuned to: 10 to 100,000 calls of 0.1 s to a minute, even or heavy-tailed. */
export function randomTraces(seed: number, count: number, quota: number): readonly Trace[] {
  const random = seeded(seed * 31 + 5);
  const between = (least: number, most: number): number => least * (most / least) ** random();
  return Array.from({ length: count }, (_, index) => {
    const calls = Math.round(between(10, 100_000));
    const medianMs = between(100, 60 * second);
    const sigma = between(0.1, 1);
    const startUpMs = between(20 * second, 90 * second);
    return {
      name: `random ${index + 1}`,
      about: `${calls} calls of ${(medianMs / 1000).toPrecision(2)} s`,
      batches: [drawBatch(random, { task: "work", calls, medianMs, sigma })],
      cloud: { ...calm, startUpMs, quota },
    };
  });
}

/** The size test: 10,000 workers and 10 million calls. */
export function scaleTrace(seed: number): Trace {
  return {
    name: "ten million calls",
    about: "10,000,000 calls of about 400 ms, up to 10,000 workers",
    batches: [drawBatch(seeded(seed), { task: "work", calls: 10_000_000, medianMs: 400, sigma: 0.5 })],
    cloud: { ...calm, quota: 10_000 },
  };
}
