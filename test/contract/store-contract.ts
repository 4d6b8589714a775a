/** What Cloudburst relies on in an object store, as one suite for every S3: ours, an emulator, AWS. */

import type { S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, it } from "vitest";
import type { Deviations } from "./contract-suite.ts";
import { bucketChecks } from "./store-checks-bucket.ts";
import { conditionChecks } from "./store-checks-condition.ts";
import { listChecks } from "./store-checks-list.ts";
import { multipartChecks } from "./store-checks-multipart.ts";
import { objectChecks } from "./store-checks-object.ts";
import { portChecks } from "./store-checks-port.ts";
import { openClient, openLab } from "./store-lab.ts";
import type { ChecksumSetting, StoreEndpoint } from "./store-lab.ts";

const CHECKS = [...portChecks, ...bucketChecks, ...objectChecks, ...conditionChecks, ...listChecks, ...multipartChecks];
const CHECKSUM_SETTINGS: readonly ChecksumSetting[] = ["WHEN_SUPPORTED", "WHEN_REQUIRED"];

/** A known deviation must fail: when it no longer does, the suite says so and the list is shortened. */
export function storeContract(name: string, open: () => Promise<StoreEndpoint>, deviations: Deviations = {}): void {
  const unknown = Object.keys(deviations).filter((id) => !CHECKS.some((check) => check.id === id));
  if (unknown.length > 0) throw new Error(`no such checks in the store contract: ${unknown.join(", ")}`);

  describe.each(CHECKSUM_SETTINGS)(`store contract on ${name}, checksums %s`, (checksums) => {
    let at: StoreEndpoint;
    let client: S3Client;
    beforeAll(async () => {
      at = await open();
      client = openClient(at, checksums);
    });
    afterAll(async () => {
      client.destroy();
      await at[Symbol.asyncDispose]();
    });

    for (const check of CHECKS) {
      const reason = deviations[check.id];
      const run = async (): Promise<void> => check.run(await openLab(client, checksums));
      if (reason === undefined) it(check.title, run);
      else it.fails(`${check.title} (known deviation: ${reason})`, run);
    }
  });
}
