/** `npm run bench`: the figures that the project promises, as a table, or with `--json` as one document. */
import { cpus, totalmem } from "node:os";
import { hasEngine } from "./containers.ts";
import { type Figures, measure } from "./measure.ts";

interface Row {
  readonly what: string;
  readonly value: number;
  readonly unit: string;
  /** The number to reach; undefined where a figure is told for its own sake. */
  readonly promise?: { readonly atMost: number } | { readonly atLeast: number };
}

interface Bench {
  readonly name: string;
  readonly args?: readonly string[];
  /** Runs in new processes, of whose figures the median is taken; long ones run once. */
  readonly repeats: number;
  /** Not measured where there is no Docker engine. */
  readonly needsEngine?: boolean;
  readonly rows: (figures: Figures) => readonly Row[];
}

const figure = (figures: Figures, name: string): number => figures[name] ?? NaN;

const benches: readonly Bench[] = [
  {
    name: "requests",
    args: ["10000"],
    repeats: 3,
    rows: (f) => [row("AWS requests, 10,000 no-op calls, 2 workers", figure(f, "requests"), "", { atMost: 150 })],
  },
  {
    name: "requests",
    args: ["20000"],
    repeats: 3,
    rows: (f) => [row("AWS requests, 20,000 no-op calls, 2 workers", figure(f, "requests"), "", { atMost: 180 })],
  },
  {
    name: "throughput",
    args: ["100000"],
    repeats: 3,
    rows: (f) => [
      row("no-op calls a second, 100,000 calls", figure(f, "callsPerSecond"), "/s", { atLeast: 100_000 }),
      row("whole run of 100,000 calls", figure(f, "wallSeconds"), "s"),
      row("driver's peak memory, 100,000 calls", figure(f, "peakMb"), "MB"),
    ],
  },
  {
    name: "throughput",
    args: ["1000000"],
    repeats: 1,
    rows: (f) => [
      row("no-op calls a second, 1,000,000 calls", figure(f, "callsPerSecond"), "/s", { atLeast: 100_000 }),
      row("whole run of 1,000,000 calls", figure(f, "wallSeconds"), "s"),
      row("driver's peak memory, 1,000,000 calls", figure(f, "peakMb"), "MB", { atMost: 400 }),
    ],
  },
  {
    name: "roundTrip",
    repeats: 3,
    rows: (f) => [
      row("round trip of one call, warm, median", figure(f, "medianMs"), "ms", { atMost: 6 }),
      row("round trip of one call, warm, 95th percentile", figure(f, "p95Ms"), "ms"),
    ],
  },
  {
    name: "coldStart",
    repeats: 5,
    rows: (f) => [
      row("new FargateExecutor() to first result", figure(f, "firstResultMs"), "ms", { atMost: 500 }),
      row("worker launched to hello", figure(f, "helloMs"), "ms", { atMost: 250 }),
      row("run of one call, start to clean end", figure(f, "wholeRunMs"), "ms"),
    ],
  },
  {
    name: "engine",
    args: ["1000000"],
    repeats: 3,
    rows: (f) => [
      row("engine and LocalExecutor, for each mapped child", figure(f, "microsecondsPerChild"), "µs", { atMost: 5 }),
      row("peak memory, 1,000,000 children on LocalExecutor", figure(f, "peakMb"), "MB"),
    ],
  },
  ...["threads", "processes"].flatMap((scheduler): Bench[] => [
    {
      name: "parallel",
      args: [scheduler, "100000"],
      repeats: 3,
      rows: (f) => [
        row(`no-op calls a second, 100,000 on 2 ${scheduler}`, figure(f, "callsPerSecond"), "/s", { atLeast: 100_000 }),
        row(`whole run of 100,000 calls on 2 ${scheduler}`, figure(f, "wallMs"), "ms"),
      ],
    },
    {
      name: "speedUp",
      args: [scheduler, "40", "50"],
      repeats: 3,
      rows: (f) => [row(`40 busy calls of 50 ms, 2 ${scheduler} to 1`, figure(f, "times"), "times", { atLeast: 1.8 })],
    },
  ]),
  {
    name: "makespan",
    args: ["sleep", "200", "50", "2"],
    repeats: 3,
    rows: (f) => [
      row("200 sleeps of 50 ms on 4 slots, over perfect", 100 * figure(f, "overPerfect"), "%", { atMost: 5 }),
    ],
  },
  {
    name: "makespan",
    args: ["spin", "100", "50", "1"],
    repeats: 3,
    rows: (f) => [
      row("100 busy calls of 50 ms on 1 slot, over perfect", 100 * figure(f, "overPerfect"), "%", { atMost: 5 }),
    ],
  },
  {
    name: "scaling",
    args: ["2000"], // start-up latency; the billed minute is scaled to four seconds
    repeats: 1,
    rows: (f) => [
      row("work arrives to first request for workers", figure(f, "growthMs"), "ms", { atMost: 1_000 }),
      row("work ends to minimum, billed minute of 4 s", figure(f, "backAtMinimumMs") / 1_000, "s", { atMost: 4 }),
    ],
  },
  {
    name: "workerFile",
    repeats: 1,
    rows: (f) => [row("worker file", figure(f, "megabytes"), "MB", { atMost: 2 })],
  },
  {
    name: "workerImage",
    repeats: 1,
    needsEngine: true,
    rows: (f) => [
      row("worker image on a base of this machine's Node", figure(f, "bytes"), "bytes"),
      row("worker image, compressed", figure(f, "compressedBytes"), "bytes"),
      row("worker image, what it adds to its base", figure(f, "addedBytes"), "bytes", { atMost: 2_000_000 }),
    ],
  },
  {
    name: "containerStart",
    repeats: 5,
    needsEngine: true,
    rows: (f) => [row("worker in a container, RunTask to hello", figure(f, "helloMs"), "ms")],
  },
];

function row(what: string, value: number, unit: string, promise?: NonNullable<Row["promise"]>): Row {
  return { what, value, unit, ...(promise && { promise }) };
}

function isKept({ value, promise }: Row): boolean {
  if (promise === undefined) return true;
  return "atMost" in promise ? value <= promise.atMost : value >= promise.atLeast;
}

function describePromise({ promise, unit }: Row): string {
  if (promise === undefined) return "";
  return "atMost" in promise ? `at most ${format(promise.atMost, unit)}` : `at least ${format(promise.atLeast, unit)}`;
}

function format(value: number, unit: string): string {
  const digits = Math.abs(value) >= 100 || Number.isInteger(value) ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return `${value.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits })} ${unit}`.trim();
}

const asJson = process.argv.includes("--json");
/** `npm run bench -- roundTrip coldStart` runs these only. */
const wanted = process.argv.slice(2).filter((argument) => !argument.startsWith("--"));
const chosen = benches.filter(({ name }) => wanted.length === 0 || wanted.includes(name));
if (chosen.length === 0) throw new Error(`no such bench; there are: ${benches.map(({ name }) => name).join(", ")}`);
const measured = chosen.filter(({ needsEngine = false }) => hasEngine || !needsEngine);
const notMeasured = chosen.filter((bench) => !measured.includes(bench)).map(({ name }) => name);
const rows: Row[] = [];
if (!asJson) console.log(`${"figure".padEnd(52)}${"reached".padStart(16)}   promise`);
for (const bench of measured) {
  for (const each of bench.rows(await measure(bench.name, bench.repeats, bench.args))) {
    rows.push(each);
    if (asJson) continue;
    const verdict = each.promise === undefined ? "" : isKept(each) ? "ok  " : "MISS";
    console.log(
      `${each.what.padEnd(52)}${format(each.value, each.unit).padStart(16)}   ${verdict} ${describePromise(each)}`,
    );
  }
}
if (!asJson && notMeasured.length > 0) {
  console.log(`not measured, since there is no Docker engine: ${notMeasured.join(", ")}`);
}
if (asJson) {
  const machine = { cpu: cpus()[0]?.model, cores: cpus().length, memoryGb: totalmem() / 1e9, node: process.version };
  console.log(
    JSON.stringify(
      { machine, figures: rows.map((each) => ({ ...each, kept: isKept(each) })), notMeasured },
      undefined,
      2,
    ),
  );
}
