import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Finding } from "../../src/cluster/preflight/finding.ts";
import { findingsTable, verdict } from "../../src/cli/findings-table.ts";
import { openAccount } from "../preflight/account.ts";
import type { Account } from "../preflight/account.ts";
import { cloudburst as runCommand, type Ended } from "../support/command-line.ts";
import { scratchDirectory } from "../support/scratch.ts";
import { installCdk } from "../cli/fake-cdk.ts";

let account: Account;

beforeAll(async () => {
  account = await openAccount();
});

afterAll(async () => {
  await account[Symbol.asyncDispose]();
});

/** In a home, and a project, of its own. */
async function cloudburst(args: readonly string[], cwd: string, env: Record<string, string> = {}): Promise<Ended> {
  return await runCommand(args, { cwd, env: { HOME: cwd, ...env } });
}

function withCredentials(): Record<string, string> {
  const { accessKeyId, secretAccessKey } = account.cloud.credentials;
  return { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_REGION: account.cloud.region };
}

describe("cloudburst doctor", () => {
  it("prints a table of its findings, and ends with 0 when there are only warnings", async () => {
    const env = { ...withCredentials(), AWS_ENDPOINT_URL: account.cloud.endpoint };
    const { exitCode, stdout } = await cloudburst(["doctor"], scratchDirectory(), env);
    expect(stdout).toMatch(/^ok {7}region {11}us-east-1$/m);
    expect(stdout).toMatch(/^warn {5}on-demand quota {2}6 vCPUs at once/m);
    expect(stdout).toMatch(/flows can run; \d warnings\n$/);
    expect(exitCode).toBe(0);
  });

  it("prints JSON when asked, and ends with 1 when a check fails", async () => {
    const args = ["doctor", "Other", "--json", "--endpoint", account.cloud.endpoint];
    const { exitCode, stdout } = await cloudburst(args, scratchDirectory(), withCredentials());
    const findings = JSON.parse(stdout) as readonly Finding[];
    expect(findings.find(({ check }) => check === "stack")).toMatchObject({ status: "fail" });
    expect(exitCode).toBe(1);
  });

  it("says within seconds what is missing on a machine that was never signed in", async () => {
    const { exitCode, stdout } = await cloudburst(["doctor"], scratchDirectory(), { AWS_REGION: "eu-west-1" });
    expect(stdout).toMatch(/^fail {5}credentials {6}.*no AWS credentials were found/m);
    expect(exitCode).toBe(1);
  });

  it("asks for a region first", async () => {
    const { stdout } = await cloudburst(["doctor"], scratchDirectory());
    expect(stdout).toMatch(/^fail {5}region {11}.*no AWS region is known \(set AWS_REGION/m);
  });
});

describe("cloudburst deploy", () => {
  it("hands stack, settings, and a file of the user's directory to the project's own CDK", async () => {
    const project = scratchDirectory();
    installCdk(project);
    const flags = [
      "-c",
      "image=acme/worker:1",
      "--context",
      "architecture=X86_64",
      "--outputs-file",
      "burst.json",
      "-y",
    ];
    const { exitCode, stdout } = await cloudburst(
      ["deploy", "Mine", ...flags, "--region", "eu-west-1", "--profile", "work"],
      project,
    );
    const asked = JSON.parse(readFileSync(join(project, "asked.json"), "utf8")) as { readonly args: readonly string[] };
    expect(asked).toMatchObject({ AWS_REGION: "eu-west-1", AWS_PROFILE: "work" });
    const contexts = ["stackName=Mine", "image=acme/worker:1", "architecture=X86_64"];
    expect(asked.args.slice(0, 12)).toEqual([
      ...["deploy", "Mine", ...contexts.flatMap((setting) => ["--context", setting])],
      ...["--require-approval", "never", "--outputs-file", join(project, "burst.json")],
    ]);
    expect(stdout).toContain("npx cloudburst doctor Mine");
    expect(exitCode).toBe(0);
  });

  it("ends with 1 when the CDK fails", async () => {
    const project = scratchDirectory();
    installCdk(project, 1);
    const { exitCode, stderr } = await cloudburst(["deploy"], project);
    expect(stderr).toContain(
      "cloudburst: the stack Cloudburst was not deployed: cdk ended with exit code 1 (its output says why;",
    );
    expect(exitCode).toBe(1);
  });

  it("refuses a setting that is none, and a stack's name that is given twice", async () => {
    const project = scratchDirectory();
    installCdk(project);
    expect((await cloudburst(["deploy", "-c", "image"], project)).stderr).toContain("write it as key=value");
    expect((await cloudburst(["deploy", "-c", "stackName=X"], project)).stderr).toContain(
      "name the stack as the argument",
    );
  });
});

it("cloudburst destroy asks nobody when there is no terminal, and leaves everything", async () => {
  const project = scratchDirectory();
  installCdk(project);
  const args = ["destroy", "--endpoint", account.cloud.endpoint];
  const { exitCode, stderr } = await cloudburst(args, project, withCredentials());
  expect(stderr).toContain("cloudburst: the stack Cloudburst was left as it is (answer y, or give --yes)\n");
  expect(exitCode).toBe(1);
});

describe("cloudburst run", () => {
  const flow = fileURLToPath(new URL("./flows/arithmetic.ts", import.meta.url));
  const run = async (...flags: string[]) =>
    await cloudburst(["run", flow, "--flow", "chain", "-p", "n=3", ...flags], scratchDirectory(), withCredentials());

  it("opens the cluster that its flags name, with the options that they give", async () => {
    const { endpoint } = account.cloud;
    const onAccount = ["--cluster", "FargateCluster", "-k", `endpoint=${endpoint}`];
    const { stderr, exitCode } = await run(...onAccount, "-k", "cpu=16384", "--workers", "7");
    expect(stderr).toMatch(/a worker of 16 vCPU is more than this account may run at once/);
    expect(exitCode).toBe(1);
    const many = await run(...onAccount, "--workers", "6000");
    expect(many.stderr).toMatch(/FargateCluster.*`nWorkers`.*6000/s);
  });

  it("takes an address or a cluster to make, not both", async () => {
    const { stderr } = await run("--cluster", "FargateCluster", "--address", "fargate://Cloudburst");
    expect(stderr).toContain("Cannot specify `address` and `clusterClass`/`clusterKwargs`");
  });
});

describe("the table", () => {
  const finding = (status: Finding["status"], detail: string): Finding => ({ check: "bucket", status, detail });

  it("breaks long details into lines that stand below each other", () => {
    const text = findingsTable([finding("ok", Array.from({ length: 20 }, () => "words").join(" "))], 60);
    const lines = text.split("\n");
    expect(lines.length).toBeGreaterThan(1);
    expect(lines.slice(1).every((line) => line.startsWith(" ".repeat(17)) && line.length <= 60)).toBe(true);
  });

  it("leaves commands in one piece, so that they can be copied", () => {
    const command = Array.from({ length: 20 }, () => "word").join(" ");
    const lines = findingsTable([{ ...finding("skipped", "short"), command }], 60).split("\n");
    expect(lines).toEqual([expect.stringMatching(/short$/) as string, " ".repeat(17) + command]);
  });

  it("ends with a verdict", () => {
    expect(verdict([finding("ok", ""), finding("ok", "")])).toBe("all is well");
    expect(verdict([finding("ok", ""), finding("skipped", "")])).toBe("flows can run; 1 not checked");
    expect(verdict([finding("ok", ""), finding("warn", "")])).toBe("flows can run; 1 warning");
    expect(verdict([finding("fail", ""), finding("warn", "")])).toMatch(/^1 of 2 checks failed/);
  });
});
