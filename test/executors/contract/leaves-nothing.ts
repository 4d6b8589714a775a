/**
 * `leaves-nothing.ts <executor> <marker> [stay]`: a program that does not say when it ends; it ends when nothing is left to do,
 * or, when it is to stay, is killed while it waits.
 */
import { watch } from "node:fs";
import { basename, dirname } from "node:path";
import type { ExecutorKind } from "./each-executor.ts";
import { executorKinds } from "./each-executor.ts";
import { waiting, wide } from "./flows.ts";

const [name = "", marker = "", stay] = process.argv.slice(2);
const kinds: Readonly<Record<string, ExecutorKind>> = executorKinds;
const executor = kinds[name]?.create();
if (executor === undefined) throw new Error(`no executor ${name}`);

const done = await wide.run({ parameters: { n: 100 }, executor });
const controller = new AbortController();
const watcher = watch(dirname(marker), (_event, file) => {
  if (file === basename(marker) && stay === undefined) controller.abort();
});
const cancelled = await waiting(marker).run({ executor, signal: controller.signal });
watcher.close();
process.stdout.write(`${done.kind} ${cancelled.kind}\n`);
