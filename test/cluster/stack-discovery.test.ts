import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { createRequestCounter } from "../../src/aws/request-counter.ts";
import type { FargateClusterOptions } from "../../src/cluster/fargate-options.ts";
import { findPlace } from "../../src/cluster/find-place.ts";
import { readOutputsFile } from "../../src/cluster/stack-discovery.ts";
import { startEmbeddedCloud } from "../../src/embedded/start-cloud.ts";
import { outputs, place } from "../preflight/account.ts";

const directory = mkdtempSync(join(tmpdir(), "cloudburst-outputs-"));
afterAll(() => rmSync(directory, { recursive: true }));

function outputsFile(content: unknown): string {
  const file = join(directory, `${String(Math.random())}.json`);
  writeFileSync(file, typeof content === "string" ? content : JSON.stringify(content));
  return file;
}

const stacks = [
  { name: "Cloudburst", outputs },
  { name: "Website", outputs: { Url: "https://example.com" } },
  { name: "Broken", status: "ROLLBACK_COMPLETE", outputs: {} },
  { name: "Going", status: "DELETE_IN_PROGRESS", outputs },
  { name: "Updating", status: "UPDATE_IN_PROGRESS", outputs },
];

async function find(options: FargateClusterOptions) {
  await using cloud = await startEmbeddedCloud({ stacks });
  const { endpoint, region, credentials } = cloud;
  const counter = createRequestCounter();
  const found = await findPlace(options, { endpoint, region, credentials }, counter, new AbortController().signal);
  return { ...found, requests: counter.counts() };
}

describe("a stack that is asked for by name", () => {
  it("tells the place by its outputs, with one request", async () => {
    const found = await find({});
    expect(found.place).toEqual(place);
    expect(found.requests).toEqual({ cloudformation: { DescribeStacks: 1 } });
  });

  it("gives way to explicit values, one by one", async () => {
    const found = await find({ bucket: "my-bucket", subnets: ["subnet-9"], assignPublicIp: false });
    expect(found.place).toEqual({ ...place, bucket: "my-bucket", subnets: ["subnet-9"], assignPublicIp: false });
  });

  it("may be in the middle of an update", async () => {
    expect((await find({ stack: "Updating" })).place.bucket).toBe(place.bucket);
  });

  it.each([
    [
      "Nowhere",
      /the stack Nowhere in us-east-1 does not exist \(make it: npx cloudburst deploy Nowhere; or name another/,
    ],
    [
      "Website",
      /the stack Website in us-east-1 is not Cloudburst's: it lacks the outputs CloudburstBucket, CloudburstEcsCluster/,
    ],
    [
      "Broken",
      /the stack Broken in us-east-1 is in ROLLBACK_COMPLETE \(look into its events, then: npx cloudburst deploy Broken\)/,
    ],
    ["Going", /is in DELETE_IN_PROGRESS \(wait until that is done, then: npx cloudburst deploy Going\)/],
  ])("%s is refused with the command to run", async (stack, message) => {
    await expect(find({ stack })).rejects.toThrow(message);
  });
});

describe("an outputs file", () => {
  it("tells the place without asking AWS, and the region with it", async () => {
    const file = outputsFile({ Cloudburst: outputs, Website: { Url: "x" } });
    const found = await find({ outputsFile: file });
    expect(found.place).toEqual({ ...place, description: `the stack Cloudburst of ${file}` });
    expect(found).toMatchObject({ region: "us-east-1", requests: {} });
  });

  it("of several stacks is read for the one that is named, or for the default one", () => {
    const file = outputsFile({ A: { ...outputs, CloudburstBucket: "bucket-a" }, Cloudburst: outputs });
    expect(readOutputsFile(file, "A").values.bucket).toBe("bucket-a");
    expect(readOutputsFile(file, undefined).name).toBe("Cloudburst");
  });

  it("that tells of no stack, or of others, is refused with those that it has", () => {
    const two = outputsFile({ A: outputs, B: outputs });
    expect(() => readOutputsFile(two, undefined)).toThrow(/has the stacks A, B \(name one of them in `stack`/);
    expect(() => readOutputsFile(two, "C")).toThrow(/has the stacks A, B, not C/);
    expect(() => readOutputsFile(outputsFile({ Website: {} }), undefined)).toThrow(/has no stack of Cloudburst/);
  });

  it("that cannot be read is told with the command that writes it", () => {
    expect(() => readOutputsFile(join(directory, "none.json"), undefined)).toThrow(
      /cannot be read: ENOENT.*--outputs-file/,
    );
    expect(() => readOutputsFile(outputsFile("{"), undefined)).toThrow(/cannot be read/);
    expect(() => readOutputsFile(outputsFile("[]"), undefined)).toThrow(/it is no object of stacks/);
  });
});

describe("explicit values", () => {
  it("are a place by themselves: no stack is looked for", async () => {
    const values = {
      bucket: "b-1",
      ecsCluster: "arn:aws:ecs:us-east-1:000000000000:cluster/mine",
      subnets: ["subnet-1"],
    };
    const found = await find(values);
    expect(found.requests).toEqual({});
    expect(found.place).toMatchObject({ bucket: "b-1", ecsCluster: "mine", stack: undefined, assignPublicIp: true });
  });
});
