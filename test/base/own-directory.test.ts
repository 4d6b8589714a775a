import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { makeOwnDirectory, removeDirectoriesOf } from "../../src/base/own-directory.ts";

const script = fileURLToPath(new URL("../embedded/fixtures/makes-directory.ts", import.meta.url));

let temporary: string;
let started: ChildProcess[];
beforeEach(() => {
  temporary = mkdtempSync(join(tmpdir(), "own-directory-test-"));
  vi.stubEnv("TMPDIR", temporary);
  started = [];
});
afterEach(() => {
  for (const child of started) child.kill("SIGKILL");
  vi.unstubAllEnvs();
  rmSync(temporary, { recursive: true });
});

const left = (): readonly string[] => readdirSync(temporary).filter((name) => name.startsWith("cloudburst-"));
const ofProcess = ({ pid = 0 }: { readonly pid?: number | undefined }) =>
  left().filter((name) => name.includes(`-${String(pid)}-`));

/** A process that has made a directory of its own, and stays when it is told to. */
async function start(...args: readonly string[]): Promise<ChildProcess> {
  const child = spawn(process.execPath, ["--import", "tsx", script, ...args], { stdio: ["ignore", "pipe", "inherit"] });
  started.push(child);
  await new Promise((resolve) => createInterface({ input: child.stdout }).once("line", resolve));
  return child;
}

async function end(child: ChildProcess, signal?: NodeJS.Signals): Promise<void> {
  const ended = new Promise((resolve) => child.once("exit", resolve));
  if (signal !== undefined) child.kill(signal);
  if (child.exitCode === null) await ended;
}

it("two directories of one process are two, and each goes with what is in it", async () => {
  const [one, two] = await Promise.all([makeOwnDirectory(), makeOwnDirectory()]);
  writeFileSync(join(one.path, "file"), "");
  expect(left()).toHaveLength(2);
  await one[Symbol.asyncDispose]();
  expect(left()).toEqual([basename(two.path)]);
  await two[Symbol.asyncDispose]();
  expect(left()).toEqual([]);
});

it("many leave one listener on this process, and none when they are gone", async () => {
  const before = process.listenerCount("exit");
  const all = await Promise.all(Array.from({ length: 20 }, makeOwnDirectory));
  expect(process.listenerCount("exit")).toBe(before + 1);
  for (const each of all) await each[Symbol.asyncDispose]();
  expect(process.listenerCount("exit")).toBe(before);
});

it("a process that exits removes its own, and before it those of the dead; those of the living stay", async () => {
  const [killed, living] = await Promise.all([start("stay"), start("stay")]);
  await end(killed, "SIGKILL");
  expect([ofProcess(killed).length, ofProcess(living).length]).toEqual([1, 1]);
  // Neither another machine's process nor a user's own directory is known to be dead.
  const strange = [`cloudburst-00000000-${String(killed.pid)}-abcdef`, "cloudburst-notes"];
  for (const name of strange) mkdirSync(join(temporary, name));
  await end(await start());
  expect(left()).toEqual([...ofProcess(living), ...strange].sort());
});

it("what a killed process has left is removed by whoever has started it, and nothing else", async () => {
  const [killed, living] = await Promise.all([start("stay"), start("stay")]);
  await end(killed, "SIGKILL");
  await removeDirectoriesOf(killed.pid ?? 0);
  expect(left()).toEqual(ofProcess(living));
  expect(left()).toHaveLength(1);
});
