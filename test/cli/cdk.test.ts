import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { cdkRunner, findCdk } from "../../src/cli/cdk.ts";
import { scratchDirectory } from "../support/scratch.ts";
import { installCdk, installPackage } from "./fake-cdk.ts";

interface Asked {
  readonly args: readonly string[];
  readonly cwd: string;
}

function read(project: string): Asked {
  return JSON.parse(readFileSync(join(project, "asked.json"), "utf8")) as Asked;
}

it("without the CDK the command that installs it is named, with a version: the registry's latest is a mistake", () => {
  const empty = scratchDirectory();
  expect(() => findCdk(empty, empty)).toThrow(
    "the stack is deployed by the AWS CDK's command line, which is not installed (npm i -D aws-cdk@2 aws-cdk-lib@2 constructs@10)",
  );
});

it("the mistaken version 3 is refused", () => {
  const project = scratchDirectory();
  installPackage(project, "aws-cdk", "3.0.0");
  expect(() => findCdk(project, project)).toThrow(/version 2 of the AWS CDK's command line, not 3\.0\.0/);
});

it("a library of the CDK that is missing is named", () => {
  const project = scratchDirectory();
  installCdk(project);
  installPackage(project, "aws-cdk-lib", "2.276.0");
  expect(() => findCdk(project, project)).toThrow(/by constructs, which is not installed/);
});

it("the project's command line comes before the one beside this package", () => {
  const project = scratchDirectory();
  installCdk(project);
  expect(findCdk(project).cli).toBe(join(project, "node_modules/aws-cdk/bin/cdk"));
  expect(findCdk(scratchDirectory()).cli).toMatch(/node_modules\/aws-cdk\/bin\/cdk$/);
});

it("the command line runs in the package, writes into a directory that is removed again, and its exit code is told", async () => {
  const project = scratchDirectory();
  installCdk(project, 3);
  const run = cdkRunner(findCdk(project));
  expect(await run(["deploy", "Cloudburst"], process.env)).toBe(3);
  const { args, cwd } = read(project);
  expect(args.slice(0, 3)).toEqual(["deploy", "Cloudburst", "--output"]);
  expect(existsSync(join(cwd, "cdk.json"))).toBe(true);
  expect(args[3]).toMatch(/cloudburst-[\w-]+$/);
  expect(existsSync(args[3] ?? "")).toBe(false);
});

it("an installed package has its app compiled and builds nothing", async () => {
  const root = scratchDirectory();
  installCdk(root);
  await cdkRunner({ cli: join(root, "node_modules/aws-cdk/bin/cdk"), root, compiled: true })(["synth"], process.env);
  const { args } = read(root);
  expect(args.slice(1, 5)).toEqual(["--app", `"${process.execPath}" dist/infra/main.js`, "--build", ""]);
});
