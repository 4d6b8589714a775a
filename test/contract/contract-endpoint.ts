/** Which cloud the contract suites run on: ours, unless the environment names an emulator. */

import { readFileSync } from "node:fs";

/** Checks that a cloud is known to fail: the check's id, and the reason. */
export type Deviations = Readonly<Record<string, string>>;

/** An emulator to hold against the contract, for example `http://127.0.0.1:4566`. */
export const contractEndpoint = process.env["CLOUDBURST_CONTRACT_ENDPOINT"];

/** What such an emulator accepts as credentials, and the deviations that it is known for. */
export const emulator = {
  name: `the emulator at ${contractEndpoint ?? ""}`,
  region: process.env["AWS_REGION"] ?? "us-east-1",
  credentials: {
    accessKeyId: process.env["AWS_ACCESS_KEY_ID"] ?? "test",
    secretAccessKey: process.env["AWS_SECRET_ACCESS_KEY"] ?? "test",
  },
};

/** Reads `CLOUDBURST_CONTRACT_DEVIATIONS`, a JSON file with one object of ids and reasons for each suite. */
export function readDeviations(suite: "queue" | "fleet"): Deviations {
  const file = process.env["CLOUDBURST_CONTRACT_DEVIATIONS"];
  if (file === undefined) return {};
  const suites = JSON.parse(readFileSync(file, "utf8")) as Readonly<Record<string, Deviations>>;
  return suites[suite] ?? {};
}
