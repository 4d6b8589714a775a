/**
 * Temporary directories that are named after their process, so that they go with it however it ends.
 *
 *  D1 A process that exits removes its own.
 *  D2 Whoever has started a process removes what that has left, when it was killed.
 *  D3 What a killed process has left that nobody watched is removed by the next process that makes one.
 *  D4 Nothing of a process that lives is removed, nor of one that cannot be seen from here.
 */
import { createHash } from "node:crypto";
import { readdirSync, readlinkSync, rmSync } from "node:fs";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";

export interface OwnDirectory extends AsyncDisposable {
  readonly path: string;
}

const mine = new Set<string>();
let swept: Promise<void> | undefined;

/** Makes a directory in the system's temporary one, which is removed when it is disposed of, or else with this process. */
export async function makeOwnDirectory(): Promise<OwnDirectory> {
  await (swept ??= removeDirectoriesWhere((pid) => !isAlive(pid))); // D3
  const path = await mkdtemp(join(tmpdir(), `${prefix}${process.pid}-`));
  if (mine.size === 0) process.on("exit", removeMine);
  mine.add(path);
  return {
    path,
    [Symbol.asyncDispose]: async () => {
      mine.delete(path);
      if (mine.size === 0) process.off("exit", removeMine);
      await rm(path, { recursive: true, force: true });
    },
  };
}

/** For a process that has ended, which this one has started. What cannot be removed is left to the next one. */
export async function removeDirectoriesOf(endedPid: number): Promise<void> {
  await removeDirectoriesWhere((pid) => pid === endedPid);
}

/** The same for several, while this process exits. */
export function removeDirectoriesAtExit(endedPids: ReadonlySet<number | undefined>): void {
  try {
    for (const name of readdirSync(tmpdir())) {
      const owner = ownerOf(name);
      if (owner !== undefined && endedPids.has(owner)) rmSync(join(tmpdir(), name), { recursive: true, force: true });
    }
  } catch {
    // A process that was killed just now may still write there: D3.
  }
}

function removeMine(): void {
  for (const path of mine) rmSync(path, { recursive: true, force: true }); // D1
}

async function removeDirectoriesWhere(isEnded: (pid: number) => boolean): Promise<void> {
  const names = await readdir(tmpdir()).catch(() => []);
  const ended = names.filter((name) => {
    const owner = ownerOf(name);
    return owner !== undefined && isEnded(owner);
  });
  const remove = (name: string) => rm(join(tmpdir(), name), { recursive: true, force: true });
  await Promise.allSettled(ended.map(remove)); // another process may remove it too, or it is another user's
}

/** Undefined when the name is not one of ours, or was made where process ids mean other processes. */
function ownerOf(name: string): number | undefined {
  const owner = name.startsWith(prefix) ? /^(\d+)-\w{6}$/.exec(name.slice(prefix.length))?.[1] : undefined;
  return owner === undefined ? undefined : Number(owner);
}

const prefix = `cloudburst-${createHash("sha256").update(pidSpace()).digest("hex").slice(0, 8)}-`;

/** Machines and containers may share a temporary directory, and number their processes each for itself. */
function pidSpace(): string {
  try {
    return `${hostname()} ${readlinkSync("/proc/self/ns/pid")}`;
  } catch {
    return hostname(); // not on Linux
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "ESRCH"; // another user's lives as well
  }
}
