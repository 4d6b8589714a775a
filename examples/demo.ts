/**
 * `npm run demo`: finds the remotest places of the contiguous United States on local worker processes, through the
 * embedded cloud; then once more with `LocalExecutor`, to see that the answer is the same and how much longer it takes.
 */

import { mkdir, writeFile } from "node:fs/promises";
import { isDeepStrictEqual } from "node:util";
import {
  createProgress,
  FargateExecutor,
  formatSummary,
  LocalExecutor,
  priceRun,
  US_EAST_1_PRICES,
} from "../src/index.ts";
import { loadCountryMap, loadPostalCodes, toDegrees } from "./remotest-places/data.ts";
import { remotestPlaces } from "./remotest-places/flow.ts";
import { CONTIGUOUS_STATES as grid } from "./remotest-places/map-grid.ts";
import { drawPicture } from "./remotest-places/picture.ts";
import { formatSpotTable } from "./remotest-places/spot-table.ts";
import { TEN_REMOTEST as rules } from "./remotest-places/spots.ts";

/** What each worker would be on AWS: the smallest size with a whole core. */
const WORKER_SIZE = { vcpu: 1, memoryGb: 2, architecture: "arm64", publicIpv4: true } as const;
const FOLDER = "out";
const PICTURE = `${FOLDER}/remotest-places.svg`;

const [postalCodes, country] = await Promise.all([loadPostalCodes(), loadCountryMap()]);
const interrupt = new AbortController();
process.once("SIGINT", () => interrupt.abort(new Error("interrupted")));
const progress = createProgress({ stream: process.stdout });
const options = {
  parameters: { postalCodes: toDegrees(postalCodes), outline: country.outline, grid, rules },
  onEvent: progress.onEvent,
  signal: interrupt.signal,
};

const sampleM = (1000 * grid.pixelKm) / grid.samplesPerPixel;
console.log(`Where in the contiguous United States is it furthest to the nearest postal code?
${postalCodes.length.toLocaleString("en-US")} postal codes, the map measured every ${sampleM} m, a call for each tile of it\n`);

const state = await remotestPlaces.run({ ...options, executor: new FargateExecutor() });
if (state.kind !== "Success") throw new Error(`the run ended ${state.kind}: ${state.message}`, { cause: state.error });
const { elapsedMs, report, result } = state;
const tally = progress.tally();

await mkdir(FOLDER, { recursive: true });
await writeFile(PICTURE, drawPicture({ grid, ...result, rules, country, postalCodes }));
console.log(`\n${formatSpotTable(result.spots, postalCodes)}\n\nThe picture is in ${PICTURE}\n`);

const summary = { ...tally, kind: state.kind, elapsedMs, report };
console.log(formatSummary(summary, report && priceRun(report, WORKER_SIZE, US_EAST_1_PRICES)));
console.log("\nNothing was spent: the embedded cloud is this machine, and no request left it.");

console.log("\nThe same flow with LocalExecutor, one call after the other in this process:");
const local = await remotestPlaces.run({ ...options, executor: new LocalExecutor() });
const same = isDeepStrictEqual(local.result, result);
const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;
console.log(`The answer is ${same ? "the same to the last bit" : "NOT THE SAME"}. The cluster took \
${seconds(elapsedMs)} instead of ${seconds(local.elapsedMs)}: ${(local.elapsedMs / elapsedMs).toFixed(2)} x as fast.`);
if (!same) process.exitCode = 1;
