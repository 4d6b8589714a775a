/** Finds the CDK's command line in what the user has installed, and runs it on the app that this package brings. */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { CloudburstError } from "../base/errors.ts";
import { makeOwnDirectory } from "../base/own-directory.ts";

/** Runs `cdk` with the arguments, and resolves to its exit code. */
export type RunCdk = (args: readonly string[], env: NodeJS.ProcessEnv) => Promise<number>;

/** The registry's `latest` is a 3.0.0 that was published by mistake and cannot read what aws-cdk-lib 2 writes. */
const cliMajor = "2.";
const install = "npm i -D aws-cdk@2 aws-cdk-lib@2 constructs@10";

/** Of an installed package, instead of what cdk.json says of a checkout. */
const compiledApp = ["--app", `"${process.execPath}" dist/infra/main.js`, "--build", ""];

export interface CdkPaths {
  readonly cli: string;
  /** Has cdk.json, and the app that it names. */
  readonly root: string;
  /** The app is compiled, as this program is: there is nothing to build. */
  readonly compiled: boolean;
}

/**
 * Looks in the user's project first, then beside this package.
 * @throws CloudburstError `no_cdk` with the command that installs it
 */
export function findCdk(project: string, root: string = packageRoot()): CdkPaths {
  const cli = resolveFrom([project, root], "aws-cdk/package.json");
  if (cli === undefined) throw noCdk("the AWS CDK's command line, which is not installed");
  if (!cli.version.startsWith(cliMajor)) throw noCdk(`version 2 of the AWS CDK's command line, not ${cli.version}`);
  for (const library of ["aws-cdk-lib", "constructs"]) {
    const found = resolveFrom([root], `${library}/package.json`);
    if (found === undefined) throw noCdk(`${library}, which is not installed`);
  }
  return { cli: join(dirname(cli.path), "bin", "cdk"), root, compiled: import.meta.url.endsWith(".js") };
}

function noCdk(what: string): CloudburstError {
  return new CloudburstError("no_cdk", `the stack is deployed by ${what} (${install})`);
}

function resolveFrom(
  directories: readonly string[],
  name: string,
): { readonly path: string; readonly version: string } | undefined {
  for (const directory of directories) {
    const require = createRequire(join(directory, "package.json"));
    try {
      const { version } = require(name) as { readonly version: string };
      return { path: require.resolve(name), version };
    } catch {
      // Not here: the next directory may have it.
    }
  }
  return undefined;
}

/** The nearest folder above this file that has a cdk.json: the same in a checkout and in an installed package. */
function packageRoot(): string {
  const start = dirname(fileURLToPath(import.meta.url));
  for (let at = start; at !== dirname(at); at = dirname(at)) if (existsSync(join(at, "cdk.json"))) return at;
  throw new CloudburstError("no_cdk_app", `no cdk.json was found above ${start} (install cloudburst again)`);
}

/** Runs the command line in the package, where its app is; what it writes goes to a directory that is removed again. */
export function cdkRunner({ cli, root, compiled }: CdkPaths): RunCdk {
  return async (args, env) => {
    await using output = await makeOwnDirectory();
    const app = compiled ? compiledApp : [];
    const all = [cli, ...args, ...app, "--output", output.path, "--no-notices"];
    return await run(all, root, { CDK_DISABLE_CLI_TELEMETRY: "true", ...env });
  };
}

function run(args: readonly string[], cwd: string, env: NodeJS.ProcessEnv): Promise<number> {
  const child = spawn(process.execPath, args, { cwd, env, stdio: "inherit" });
  // The terminal sends its interrupt to both; the CDK decides what becomes of a deployment, and we wait for it.
  const wait = (): void => undefined;
  process.on("SIGINT", wait);
  return new Promise<number>((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => resolve(code ?? 1));
  }).finally(() => process.off("SIGINT", wait));
}
