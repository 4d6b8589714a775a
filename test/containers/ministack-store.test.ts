import { storeContract } from "../contract/store-contract.ts";
import type { StoreEndpoint } from "../contract/store-lab.ts";
import { storeDeviations } from "./deviations.ts";
import { credentials, describeWithMinistack, region, requireMinistack } from "./ministack.ts";

async function open(): Promise<StoreEndpoint> {
  return { endpoint: requireMinistack(), region, credentials, [Symbol.asyncDispose]: async () => undefined };
}

describeWithMinistack("ministack's S3", () => {
  storeContract("ministack", open, storeDeviations);
});
