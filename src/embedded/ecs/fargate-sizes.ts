/** The cpu and memory pairs that Fargate runs (Linux). */

/** Memory in MiB for each number of cpu units, as the developer guide's table has them. */
const memoriesByCpu: ReadonlyMap<number, readonly number[]> = new Map([
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

export function isFargateSize(cpuUnits: number, memoryMib: number): boolean {
  return memoriesByCpu.get(cpuUnits)?.includes(memoryMib) ?? false;
}

/** Cpu units from what ECS accepts: `1024` or `1 vCPU`; NaN for anything else. */
export function parseCpu(text: string): number {
  const [, vcpus] = /^(\d*\.?\d+) ?vcpu$/i.exec(text) ?? [];
  return vcpus === undefined ? parseDigits(text) : Number(vcpus) * 1024;
}

/** MiB from what ECS accepts: `2048` or `2 GB`; NaN for anything else. */
export function parseMemory(text: string): number {
  const [, gigabytes] = /^(\d*\.?\d+) ?gb$/i.exec(text) ?? [];
  return gigabytes === undefined ? parseDigits(text) : Number(gigabytes) * 1024;
}

function parseDigits(text: string): number {
  return /^\d+$/.test(text) ? Number(text) : NaN;
}
