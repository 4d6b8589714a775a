/** The cpu and memory pairs that Fargate runs (Linux), as the ECS developer guide's table "fargate-tasks-services" has them. */

/** Memory in MiB for each number of CPU units; 1,024 units are one vCPU. */
export const fargateMemoriesMiB: ReadonlyMap<number, readonly number[]> = new Map([
  [256, [512, 1024, 2048]],
  [512, steps(1024, 4096, 1024)],
  [1024, steps(2048, 8192, 1024)],
  [2048, steps(4096, 16_384, 1024)],
  [4096, steps(8192, 30_720, 1024)],
  [8192, steps(16_384, 61_440, 4096)],
  [16_384, steps(32_768, 122_880, 8192)],
  [32_768, [61_440, 122_880, 249_856]],
]);

function steps(first: number, last: number, step: number): readonly number[] {
  return Array.from({ length: (last - first) / step + 1 }, (_, index) => first + index * step);
}

export function isFargateSize(cpu: number, memoryMiB: number): boolean {
  return fargateMemoriesMiB.get(cpu)?.includes(memoryMiB) ?? false;
}
