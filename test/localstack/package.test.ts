/** The package as a user has it: packed, and installed in a project outside of this repository. */

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createRequestCounter } from "../../src/aws/request-counter.ts";
import { describeStack } from "../../src/cluster/stack-discovery.ts";
import { Project } from "../packed/project.ts";
import { credentials, describeWithLocalstack, region, requireLocalstack } from "./cloud.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const patienceMs = 300_000;
const image = "registry.example/cloudburst-worker:1";
const app = `
import { App, Stack } from "aws-cdk-lib";
import { InvalidOptionError } from "cloudburst";
import { CloudburstCluster, type CloudburstClusterProps } from "cloudburst/infra";

const props: CloudburstClusterProps = { image: { uri: "${image}" }, shared: false };
const app = new App({ outdir: "assembly" });
const cluster = new CloudburstCluster(new Stack(app, "Mine"), "Burst", props);
cluster.storage.bucket.grantRead(cluster.roles.driver);
app.synth();
try {
  new CloudburstCluster(new Stack(app, "Wrong"), "Burst", { ...props, name: "no name" });
} catch (error) {
  console.log(error instanceof InvalidOptionError ? "both doors have one error" : error);
}
`;

/** The versions that this repository pins: what the tests see must not depend on the day. */
function pinned(...names: readonly string[]): readonly string[] {
  const read = (name: string) =>
    JSON.parse(readFileSync(join(root, "node_modules", name, "package.json"), "utf8")) as { readonly version: string };
  return names.map((name) => `${name}@${read(name).version}`);
}

describeWithLocalstack("the packed package, in an empty project", () => {
  let project: Project;

  beforeAll(() => {
    project = new Project({
      AWS_ENDPOINT_URL: requireLocalstack(),
      AWS_REGION: region,
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
      AWS_EC2_METADATA_DISABLED: "true",
      CDK_DISABLE_CLI_TELEMETRY: "true",
      CI: "true",
    });
  });
  afterAll(() => project[Symbol.dispose]());

  const cloudburst = ["npx", "--no-install", "cloudburst"] as const;
  const cdk = ["npx", "--no-install", "cdk"] as const;

  it(
    "says what to install where the CDK is missing",
    async () => {
      await project.installPacked();
      const { exitCode, output } = await project.run(...cloudburst, "deploy", "-y");
      expect(exitCode).toBe(1);
      expect(output).toContain("which is not installed (npm i -D aws-cdk@2 aws-cdk-lib@2 constructs@10)");
    },
    patienceMs,
  );

  it(
    "deploys the stack that it brings",
    async () => {
      await project.install("--save-dev", ...pinned("aws-cdk", "aws-cdk-lib", "constructs"));
      const output = await project.succeed(
        ...[...cloudburst, "deploy", "Packed", "-y", "--outputs-file", "out.json"],
        ...["-c", `image=${image}`, "-c", "bootstrap=false"],
      );
      expect(output).toContain("npx cloudburst doctor Packed");
      const { Packed } = JSON.parse(project.read("out.json")) as { Packed: unknown };
      expect(Packed).toMatchObject({ CloudburstEcsCluster: "Packed", CloudburstImage: image });
    },
    patienceMs,
  );

  it(
    "destroys it again, and says what it could not look at on an emulator without ECS",
    async () => {
      const output = await project.succeed(
        ...[...cloudburst, "destroy", "Packed", "--yes"],
        ...["-c", `image=${image}`, "-c", "bootstrap=false"],
      );
      expect(output).toContain("not looked at: workers and task definitions");
      const aws = { endpoint: requireLocalstack(), region, credentials };
      const gone = describeStack("Packed", aws, createRequestCounter(), AbortSignal.timeout(10_000));
      await expect(gone).rejects.toMatchObject({ code: "no_stack" });
    },
    patienceMs,
  );

  it(
    "has the image's files: what is missing for building it is Docker alone",
    async () => {
      const output = await project.succeed(
        ...[...cdk, "synth", "--quiet", "--output", "synth"],
        ...["--app", "node node_modules/cloudburst/dist/infra/main.js"],
      );
      expect(output).not.toContain("does not exist");
      const assets = JSON.parse(project.read("synth/Cloudburst.assets.json")) as {
        readonly dockerImages: Readonly<Record<string, { readonly source: { readonly directory: string } }>>;
      };
      const [built] = Object.values(assets.dockerImages);
      const directory = join(project.directory, "synth", built?.source.directory ?? "");
      expect(readFileSync(join(directory, "worker-image/Dockerfile"), "utf8")).toContain("worker.mjs");
      expect(readFileSync(join(directory, "dist/worker.mjs"))).toEqual(readFileSync(join(root, "dist/worker.mjs")));
    },
    patienceMs,
  );

  it(
    "has the construct for an app of one's own, with its types",
    async () => {
      writeFileSync(join(project.directory, "app.ts"), app);
      const strict = ["--noEmit", "--strict", "--module", "nodenext", "--target", "es2022", "--skipLibCheck"];
      const tsc = join(root, "node_modules/typescript/bin/tsc");
      await project.succeed(process.execPath, tsc, ...strict, "app.ts");
      expect(await project.succeed("npx", "--no-install", "tsx", "app.ts")).toContain("both doors have one error");
      const template = project.read("assembly/Mine.template.json");
      expect(JSON.parse(template)).toHaveProperty("Outputs.CloudburstEcsCluster.Value", "Mine");
    },
    patienceMs,
  );
});
