/** The same promises on every executor: each spec is run by all of them that keep it. */
import { describe } from "vitest";
import { FargateExecutor, LocalExecutor, ParallelExecutor, type Executor } from "../../../src/index.ts";
import { CustomExecutor } from "../../engine/support/custom-executor.ts";

export interface ExecutorKind {
  readonly name: string;
  readonly create: () => Executor;
  /** Calls run in this thread: whatever value does, as long as no timeout is asked for. */
  readonly isHere: boolean;
  /** A body that never lets go of its thread is ended when its time is over. */
  readonly endsTimedCalls: boolean;
  /** Bodies may end their whole process, and fail alone. */
  readonly hasProcesses: boolean;
  /** Says so when it is handed calls of a run that it was not started for. */
  readonly isStarted: boolean;
}

const here = { isHere: true, endsTimedCalls: true, hasProcesses: false, isStarted: true };
const elsewhere = { ...here, isHere: false };

export const executorKinds = {
  local: { ...here, name: "LocalExecutor", create: () => new LocalExecutor() },
  threads: {
    ...elsewhere,
    name: "ParallelExecutor, threads",
    create: () => new ParallelExecutor({ scheduler: "threads", numWorkers: 2 }),
  },
  processes: {
    ...elsewhere,
    name: "ParallelExecutor, processes",
    hasProcesses: true,
    create: () => new ParallelExecutor({ scheduler: "processes", numWorkers: 2 }),
  },
  workers: {
    ...elsewhere,
    name: "FargateExecutor, local cluster",
    hasProcesses: true,
    create: () => new FargateExecutor({ clusterKwargs: { nWorkers: 1, threadsPerWorker: 2 } }),
  },
  /** As short as a user may write it: what it promises comes from the engine. */
  custom: {
    ...here,
    name: "a custom executor",
    endsTimedCalls: false,
    isStarted: false,
    create: () => new CustomExecutor(2),
  },
} as const satisfies Readonly<Record<string, ExecutorKind>>;

export function describeOnEach(
  spec: (executor: Executor, kind: ExecutorKind) => void,
  keepsIt: (kind: ExecutorKind) => boolean = () => true,
): void {
  const kinds: readonly ExecutorKind[] = Object.values(executorKinds);
  for (const kind of kinds.filter(keepsIt)) describe(kind.name, () => spec(kind.create(), kind));
}
