/** The package as a user has it: packed, and installed in a project outside of this repository. */

import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createRequestCounter } from "../../src/aws/request-counter.ts";
import { describeStack } from "../../src/cluster/stack-discovery.ts";
import { credentials, describeWithLocalstack, region, requireLocalstack } from "./cloud.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const patienceMs = 180_000;
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

interface Ended {
  readonly exitCode: number | null;
  /** Standard output and standard error. */
  readonly output: string;
}

/** The versions that this repository pins: what the tests see must not depend on the day. */
function pinned(...names: readonly string[]): readonly string[] {
  const read = (name: string) =>
    JSON.parse(readFileSync(join(root, "node_modules", name, "package.json"), "utf8")) as { readonly version: string };
  return names.map((name) => `${name}@${read(name).version}`);
}

describeWithLocalstack("the packed package, in an empty project", () => {
  let project: string;

  beforeAll(() => {
    project = mkdtempSync(join(tmpdir(), "cloudburst-package-"));
    mkdirSync(join(project, "home"));
    writeFileSync(join(project, "package.json"), JSON.stringify({ name: "project", private: true, type: "module" }));
  });
  afterAll(() => rmSync(project, { recursive: true }));

  async function end(cwd: string, command: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<Ended> {
    const child = spawn(command, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
    const ended = new Promise<number | null>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", resolve);
    });
    const [out, err, exitCode] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
    return { exitCode, output: `${out}\n${err}` };
  }

  /** As whoever stands in the project would: nothing of npm's or of this run's settings reaches it. */
  const inProject = (command: string, ...args: readonly string[]): Promise<Ended> => {
    const kept = Object.entries(process.env).filter(([name]) => !/^(npm_|AWS_|CDK_|VITEST|NODE_)/i.test(name));
    return end(project, command, args, {
      ...Object.fromEntries(kept),
      AWS_ENDPOINT_URL: requireLocalstack(),
      AWS_REGION: region,
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
      AWS_EC2_METADATA_DISABLED: "true",
      // It remembers there which account a key belongs to, and every emulator has another.
      CDK_HOME: join(project, "home"),
      CDK_DISABLE_CLI_TELEMETRY: "true",
      CI: "true",
    });
  };
  const cloudburst = (...args: readonly string[]): Promise<Ended> =>
    inProject("npx", "--no-install", "cloudburst", ...args);

  async function succeeds(running: Promise<Ended>): Promise<string> {
    const { exitCode, output } = await running;
    if (exitCode !== 0) throw new Error(`ended with ${String(exitCode)}\n${output}`);
    return output;
  }

  const install = (...packages: readonly string[]): Promise<string> =>
    succeeds(inProject("npm", "install", "--prefer-offline", "--no-audit", "--no-fund", ...packages));

  it(
    "says what to install where the CDK is missing",
    async () => {
      // The command that runs the tests has built it.
      await succeeds(end(root, "npm", ["pack", "--silent", "--pack-destination", project], process.env));
      const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { readonly version: string };
      await install(`./cloudburst-${version}.tgz`);
      const { exitCode, output } = await cloudburst("deploy", "-y");
      expect(exitCode).toBe(1);
      expect(output).toContain("which is not installed (npm i -D aws-cdk@2 aws-cdk-lib@2 constructs@10)");
    },
    patienceMs,
  );

  it(
    "is bootstrapped for by the CDK's own command, which needs no app and no cdk.json in the project",
    async () => {
      await install("--save-dev", ...pinned("aws-cdk", "aws-cdk-lib", "constructs"));
      const output = await succeeds(
        inProject("npx", "--no-install", "cdk", "bootstrap", "aws://000000000000/eu-west-1", "--no-notices"),
      );
      expect(output).toContain("Environment aws://000000000000/eu-west-1 bootstrapped");
    },
    patienceMs,
  );

  it(
    "deploys the stack that it brings",
    async () => {
      const output = await succeeds(
        cloudburst(
          "deploy",
          "Packed",
          "-y",
          "-c",
          `image=${image}`,
          "-c",
          "bootstrap=false",
          "--outputs-file",
          "out.json",
        ),
      );
      expect(output).toContain("npx cloudburst doctor Packed");
      const { Packed } = JSON.parse(readFileSync(join(project, "out.json"), "utf8")) as { Packed: unknown };
      expect(Packed).toMatchObject({ CloudburstEcsCluster: "Packed", CloudburstImage: image });
    },
    patienceMs,
  );

  it(
    "destroys it again, and says what it could not look at on an emulator without ECS",
    async () => {
      const output = await succeeds(
        cloudburst("destroy", "Packed", "--yes", "-c", `image=${image}`, "-c", "bootstrap=false"),
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
      const output = await succeeds(
        inProject(
          "npx",
          "--no-install",
          "cdk",
          "synth",
          "--quiet",
          "--output",
          "synth",
          "--app",
          "node node_modules/cloudburst/dist/infra/main.js",
        ),
      );
      expect(output).not.toContain("does not exist");
      const assets = JSON.parse(readFileSync(join(project, "synth/Cloudburst.assets.json"), "utf8")) as {
        readonly dockerImages: Readonly<Record<string, { readonly source: { readonly directory: string } }>>;
      };
      const [built] = Object.values(assets.dockerImages);
      const directory = join(project, "synth", built?.source.directory ?? "");
      expect(readFileSync(join(directory, "worker-image/Dockerfile"), "utf8")).toContain("worker.mjs");
      expect(readFileSync(join(directory, "dist/worker.mjs"))).toEqual(readFileSync(join(root, "dist/worker.mjs")));
    },
    patienceMs,
  );

  it(
    "has the construct for an app of one's own, with its types",
    async () => {
      writeFileSync(join(project, "app.ts"), app);
      const strict = ["--noEmit", "--strict", "--module", "nodenext", "--target", "es2022", "--skipLibCheck"];
      const tsc = join(root, "node_modules/typescript/bin/tsc");
      await succeeds(inProject(process.execPath, tsc, ...strict, "app.ts"));
      expect(await succeeds(inProject("npx", "--no-install", "tsx", "app.ts"))).toContain("both doors have one error");
      const template = readFileSync(join(project, "assembly/Mine.template.json"), "utf8");
      expect(JSON.parse(template)).toHaveProperty("Outputs.CloudburstEcsCluster.Value", "Mine");
    },
    patienceMs,
  );
});
