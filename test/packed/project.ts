/** An empty project outside of this repository, in which the package is installed as a user installs it: packed. */
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));

export interface Ended {
  readonly exitCode: number | null;
  /** Standard output and standard error. */
  readonly output: string;
}

export class Project implements Disposable {
  readonly directory = mkdtempSync(join(tmpdir(), "cloudburst-package-"));
  readonly #environment: NodeJS.ProcessEnv;

  constructor(environment: NodeJS.ProcessEnv = {}) {
    this.#environment = environment;
    mkdirSync(join(this.directory, "home"));
    const manifest = { name: "project", private: true, type: "module" };
    writeFileSync(join(this.directory, "package.json"), JSON.stringify(manifest));
  }

  [Symbol.dispose](): void {
    rmSync(this.directory, { recursive: true });
  }

  read(path: string): string {
    return readFileSync(join(this.directory, path), "utf8");
  }

  /** As whoever stands in the project would: nothing of npm's or of this run's settings reaches it. */
  async run(command: string, ...args: readonly string[]): Promise<Ended> {
    const kept = Object.entries(process.env).filter(([name]) => !/^(npm_|AWS_|CDK_|VITEST|NODE_)/i.test(name));
    // The CDK remembers there which account a key belongs to, and every emulator has another.
    const own = { CDK_HOME: join(this.directory, "home"), ...this.#environment };
    return await end(this.directory, command, args, { ...Object.fromEntries(kept), ...own });
  }

  /** What it prints. @throws Error with that when it fails */
  async succeed(command: string, ...args: readonly string[]): Promise<string> {
    return succeeded(await this.run(command, ...args));
  }

  async install(...packages: readonly string[]): Promise<void> {
    await this.succeed("npm", "install", "--prefer-offline", "--no-audit", "--no-fund", ...packages);
  }

  /** @param flags `--ignore-scripts`: as it was built last, and the worker's file alone is sure to be there */
  async installPacked(...flags: readonly "--ignore-scripts"[]): Promise<void> {
    const pack = ["pack", "--silent", "--pack-destination", this.directory, ...flags];
    succeeded(await end(root, "npm", pack, process.env));
    const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { readonly version: string };
    await this.install(`./cloudburst-${version}.tgz`);
  }
}

function succeeded({ exitCode, output }: Ended): string {
  if (exitCode !== 0) throw new Error(`ended with ${String(exitCode)}\n${output}`);
  return output;
}

async function end(cwd: string, command: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<Ended> {
  const child = spawn(command, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  const [out, err, exitCode] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { exitCode, output: `${out}\n${err}` };
}
