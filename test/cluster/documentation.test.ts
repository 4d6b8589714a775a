import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import type { FargateClusterOptions } from "../../src/cluster/fargate-options.ts";
import { parseFargateOptions } from "../../src/cluster/fargate-schema.ts";

const page = readFileSync(new URL("../../docs/fargate-cluster.md", import.meta.url), "utf8");

/** The compiler sees to it that none is forgotten. */
const options: Readonly<Record<keyof FargateClusterOptions, true>> = {
  stack: true,
  outputsFile: true,
  bucket: true,
  ecsCluster: true,
  subnets: true,
  securityGroups: true,
  assignPublicIp: true,
  taskRoleArn: true,
  executionRoleArn: true,
  logGroup: true,
  region: true,
  profile: true,
  credentials: true,
  endpoint: true,
  endpoints: true,
  security: true,
  cpu: true,
  memory: true,
  ephemeralStorageGiB: true,
  image: true,
  architecture: true,
  environment: true,
  secrets: true,
  volumes: true,
  command: true,
  user: true,
  readOnlyRoot: true,
  logStreamPrefix: true,
  taskDefinition: true,
  containerName: true,
  platformVersion: true,
  nWorkers: true,
  threadsPerWorker: true,
  capacityProvider: true,
  prices: true,
  tags: true,
  leaseMs: true,
  watchMs: true,
  driverGraceMs: true,
  keepResults: true,
};

it("docs/fargate-cluster.md lists every option of FargateCluster, and no other", () => {
  const chapter = page.slice(page.indexOf("## Options"), page.indexOf("## What a run makes"));
  const listed = [...chapter.matchAll(/^\| `(\w+)`/gmu)].map(([, name]) => name);
  expect(listed.sort()).toEqual(Object.keys(options).sort());
});

/** Credentials are looked at apart: a schema's message would show them. */
const inSchema = Object.keys(options).filter((name) => name !== "credentials");

it.each(inSchema)("%s is checked, and may be left undefined", (name) => {
  expect(() => parseFargateOptions({ [name]: Symbol("wrong") })).toThrow(new RegExp(`\`${name}`));
  expect(() => parseFargateOptions({ [name]: undefined })).not.toThrow();
});
