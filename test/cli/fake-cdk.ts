/** A user's project with a CDK command line in it that only says what it was asked. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

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
