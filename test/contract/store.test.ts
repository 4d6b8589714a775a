import { expect, it } from "vitest";
import { startEmbeddedCloud } from "../../src/embedded/start-cloud.ts";
import { storeContract } from "./store-contract.ts";

storeContract("the embedded cloud", () => startEmbeddedCloud());

it("a deviation from a check that the store contract does not have is an error", () => {
  const contract = (): void => storeContract("nothing", () => startEmbeddedCloud(), { "no-such-check": "renamed" });
  expect(contract).toThrow("no such checks in the store contract: no-such-check");
});
