import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const cdk = join(root, "node_modules/.bin/cdk");
let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "cloudburst-cdk-"));
});
afterAll(async () => {
  await rm(directory, { recursive: true, force: true });
});

/** Neither credentials nor a way to the network: whatever is asked for anyway fails at once. */
function offline(): NodeJS.ProcessEnv {
  const nowhere = "http://127.0.0.1:9";
  const kept = Object.entries(process.env).filter(([name]) => !/^(AWS_|CDK_)/.test(name));
  return {
    ...Object.fromEntries(kept),
    AWS_EC2_METADATA_DISABLED: "true",
    AWS_CONFIG_FILE: join(directory, "none"),
    AWS_SHARED_CREDENTIALS_FILE: join(directory, "none"),
    HTTP_PROXY: nowhere,
    HTTPS_PROXY: nowhere,
    CDK_HOME: directory,
    CDK_DISABLE_CLI_TELEMETRY: "true",
    CI: "true",
  };
}

test("the pinned CLI synthesizes the stack as cdk.json says, offline and without credentials", async () => {
  const output = join(directory, "cdk.out");
  const args = ["synth", "--quiet", "--no-notices", "--output", output, "-c", "image=public.ecr.aws/acme/worker:1"];
  await promisify(execFile)(cdk, args, { cwd: root, env: offline() });
  const template = JSON.parse(await readFile(join(output, "Cloudburst.template.json"), "utf8")) as object;
  expect(template).toHaveProperty("Outputs.CloudburstEcsCluster.Value", "Cloudburst");
}, 180_000);

test("the CLI is pinned to a version of the second generation: the registry's `latest` is a mistaken 3.0.0", async () => {
  const { devDependencies } = JSON.parse(await readFile(join(root, "package.json"), "utf8")) as {
    devDependencies: Record<string, string>;
  };
  expect(devDependencies["aws-cdk"]).toMatch(/^2\.\d+\.\d+$/);
});
