import { CreateBucketCommand } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { EmbeddedCloud } from "../../src/embedded/cloud.ts";
import { startEmbeddedCloud } from "../../src/embedded/start-cloud.ts";
import { S3Result } from "../../src/results/s3-result.ts";
import { openClient } from "../contract/store-lab.ts";

let cloud: EmbeddedCloud;
const results = (prefix = ""): S3Result => {
  const { endpoint, region, credentials } = cloud;
  return new S3Result({ bucket: "results", prefix, aws: { endpoint, region, credentials } });
};

beforeAll(async () => {
  cloud = await startEmbeddedCloud();
  const client = openClient(cloud, "WHEN_REQUIRED");
  await client.send(new CreateBucketCommand({ Bucket: "results" }));
  client.destroy();
});
afterAll(async () => {
  await cloud[Symbol.asyncDispose]();
});

it("gives back what was written, and undefined for what was not", async () => {
  const store = results("a/");
  expect(await store.read("x")).toBeUndefined();
  await store.write("x", new Map([["k", new Date(0)]]));
  expect(await results().read("a/x")).toEqual({ value: new Map([["k", new Date(0)]]) });
});

it("finds out by one listing which of many keys there are", async () => {
  const writer = results("many/");
  const keys = Array.from({ length: 30 }, (_, i) => `day/${String(i)}`);
  await Promise.all(keys.filter((_, i) => i % 3 === 0).map((key) => writer.write(key, key)));
  const reader = results("many/");
  expect([...(await reader.among(keys))].sort()).toEqual(keys.filter((_, i) => i % 3 === 0).sort());
  expect(reader.requests).toEqual({ s3: { ListObjectsV2: 1 } });
});

it("gives a listing up that would cost more than reading", async () => {
  const writer = results("crowd/");
  await Promise.all(Array.from({ length: 1010 }, (_, i) => writer.write(`x${String(i)}`, i)));
  const reader = results("crowd/");
  expect(await reader.among(["x1", "none"])).toEqual(new Set(["x1", "none"]));
  expect(reader.requests["s3"]?.["ListObjectsV2"]).toBeLessThanOrEqual(2);
});

it("refuses wrong options, and asks nothing of AWS before the first key", () => {
  expect(() => new S3Result({ bucket: "" })).toThrow("S3Result needs `bucket`");
  expect(new S3Result({ bucket: "anything" }).requests).toEqual({});
});
