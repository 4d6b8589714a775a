import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";
import { onTestFinished } from "vitest";
import type { FlowBundle } from "../../src/bundle/bundle-flow.ts";

/** What a thread that loaded a bundle tells of it. */
export interface Loaded {
  /** How loading ended: the module was evaluated, stopped at `flow.run()`, or threw (then the message). */
  readonly ended: string;
  readonly tasks: readonly string[];
  /** Result of the call, or the stack of what it threw. */
  readonly result: unknown;
}

/** An ES module: a thread made of a script would have `require` and `__dirname` as globals, which bundles must bring. */
const loader = `
  import { parentPort, workerData } from "node:worker_threads";
  process.setSourceMapsEnabled(true);
  const tasks = new Map();
  globalThis[Symbol.for("cloudburst.onTask")] = (task) => void tasks.set(task.name, task);
  const suspended = new Promise((resolve) => (globalThis[Symbol.for("cloudburst.onRun")] = () => resolve("suspended")));
  const evaluated = import(workerData.url).then(() => "evaluated", (error) => String(error.message));
  Promise.race([evaluated, suspended]).then(async (ended) => {
    const task = tasks.get(workerData.call?.task);
    const result = await Promise.resolve().then(() => task?.run(...workerData.call.args)).catch((error) => error.stack);
    // Without the library's own.
    parentPort.postMessage({ ended, tasks: [...tasks.keys()].filter((name) => !name.startsWith("Handle.")), result });
  });
`;

/** Loads the bundle as a worker's slot does, and calls one of its tasks. */
export async function loadInThread(
  bundle: FlowBundle,
  call?: { readonly task: string; readonly args: readonly unknown[] },
): Promise<Loaded> {
  const directory = await mkdtemp(join(tmpdir(), "cloudburst-loaded-"));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  const file = join(directory, `${bundle.sha256}.mjs`);
  await writeFile(file, bundle.code);
  const thread = new Worker(new URL(`data:text/javascript,${encodeURIComponent(loader)}`), {
    workerData: { url: pathToFileURL(file).href, call },
  });
  try {
    return await new Promise((resolve, reject) => {
      thread.on("message", resolve);
      thread.on("error", reject);
      thread.on("exit", () => reject(new Error("the thread ended without an answer")));
    });
  } finally {
    await thread.terminate();
  }
}
