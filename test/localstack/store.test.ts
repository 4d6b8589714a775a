import { storeContract } from "../contract/store-contract.ts";
import type { StoreEndpoint } from "../contract/store-lab.ts";
import { credentials, describeWithLocalstack, region, requireLocalstack } from "./cloud.ts";
import { storeDeviations } from "./deviations.ts";

async function open(): Promise<StoreEndpoint> {
  return { endpoint: requireLocalstack(), region, credentials, [Symbol.asyncDispose]: async () => undefined };
}

describeWithLocalstack("LocalStack's S3", () => {
  storeContract("LocalStack", open, storeDeviations);
});
