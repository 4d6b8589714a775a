/** The size of a worker: a pair of cpu and memory that Fargate has. */
import { InvalidOptionError } from "../base/errors.ts";
import { fargateMemoriesMiB, isFargateSize } from "../base/fargate-sizes.ts";

export interface WorkerSize {
  /** CPU units; 1,024 are one vCPU. */
  readonly cpu: number;
  readonly memoryMiB: number;
}

export const fargateCpus: readonly number[] = [...fargateMemoriesMiB.keys()];

/** As many as an error shows: one with other cpu, one with less memory, one with more. */
const shownPairs = 3;

/**
 * Fills in what was not given: `usual`, and with another cpu the least memory that Fargate has with it (2 GiB for each vCPU).
 * @throws InvalidOptionError that lists the nearest pairs
 */
export function resolveWorkerSize(
  given: { readonly cpu?: number | undefined; readonly memory?: number | undefined },
  usual: WorkerSize,
): WorkerSize {
  const cpu = given.cpu ?? usual.cpu;
  const least = fargateMemoriesMiB.get(cpu)?.[0] ?? usual.memoryMiB;
  const memoryMiB = given.memory ?? (cpu === usual.cpu ? usual.memoryMiB : least);
  if (isFargateSize(cpu, memoryMiB)) return { cpu, memoryMiB };
  throw new InvalidOptionError(`FargateCluster: ${noSuchSize(cpu, memoryMiB)}`, { cpu, memory: memoryMiB });
}

/** `cpu 1024 with memory 1000 is not a size that Fargate has (nearest: ...)`. */
export function noSuchSize(cpu: number, memoryMiB: number): string {
  const nearest = nearestSizes(cpu, memoryMiB).map((size) => `cpu ${size.cpu} with memory ${size.memoryMiB}`);
  return `cpu ${cpu} with memory ${memoryMiB} is not a size that Fargate has (nearest: ${nearest.join(", ")})`;
}

/** The pairs that differ least, by ratio: twice the memory is as far away as half of it. */
export function nearestSizes(cpu: number, memoryMiB: number): readonly WorkerSize[] {
  const away = (size: WorkerSize): number =>
    Math.abs(Math.log2(size.cpu / cpu)) + Math.abs(Math.log2(size.memoryMiB / memoryMiB));
  return [...fargateMemoriesMiB]
    .flatMap(([each, memories]) => memories.map((memory): WorkerSize => ({ cpu: each, memoryMiB: memory })))
    .sort((a, b) => away(a) - away(b))
    .slice(0, shownPairs);
}
