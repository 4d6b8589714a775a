/** A directory that goes with the test process, and a CDK command line in it that only says what it was asked. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const directories: string[] = [];
process.on("exit", () => directories.forEach((directory) => rmSync(directory, { recursive: true, force: true })));

export function scratchDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), "cloudburst-cli-"));
  directories.push(directory);
  return directory;
}

export function installPackage(project: string, name: string, version: string, bin?: string): void {
  const directory = join(project, "node_modules", name);
  mkdirSync(join(directory, "bin"), { recursive: true });
  writeFileSync(join(directory, "package.json"), JSON.stringify({ name, version, type: "commonjs" }));
  if (bin !== undefined) writeFileSync(join(directory, "bin", "cdk"), bin);
}

/** Writes its arguments and a few variables to `asked.json` in the project, and ends with the exit code. */
export function installCdk(project: string, exitCode = 0): void {
  const asked = JSON.stringify(join(project, "asked.json"));
  const bin = `
    const { AWS_REGION, AWS_PROFILE } = process.env;
    const asked = { args: process.argv.slice(2), cwd: process.cwd(), AWS_REGION, AWS_PROFILE };
    require("node:fs").writeFileSync(${asked}, JSON.stringify(asked));
    process.exitCode = ${exitCode};
  `;
  installPackage(project, "aws-cdk", "2.1148.1", bin);
}
