import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fargateMemoriesMiB, isFargateSize } from "../../src/base/fargate-sizes.ts";
import { nearestSizes, resolveWorkerSize } from "../../src/cluster/worker-size.ts";

const usual = { cpu: 1024, memoryMiB: 2048 };

describe("the size of a worker", () => {
  it("is the usual one when nothing is said", () => {
    expect(resolveWorkerSize({}, { cpu: 4096, memoryMiB: 10_240 })).toEqual({ cpu: 4096, memoryMiB: 10_240 });
  });

  it.each([
    [256, 512],
    [512, 1024],
    [2048, 4096],
    [16_384, 32_768],
    [32_768, 61_440],
  ])("of %i CPU units takes the least memory that goes with them, %i MiB", (cpu, memoryMiB) => {
    expect(resolveWorkerSize({ cpu }, usual)).toEqual({ cpu, memoryMiB });
  });

  it("of a given memory keeps the usual cpu", () => {
    expect(resolveWorkerSize({ memory: 8192 }, usual)).toEqual({ cpu: 1024, memoryMiB: 8192 });
  });

  it("has 32 vCPUs with 60, 120 or 244 GB and nothing between", () => {
    expect([61_440, 122_880, 249_856].map((memory) => resolveWorkerSize({ cpu: 32_768, memory }, usual).cpu)).toEqual([
      32_768, 32_768, 32_768,
    ]);
    expect(() => resolveWorkerSize({ cpu: 32_768, memory: 65_536 }, usual)).toThrow(
      "cpu 32768 with memory 65536 is not a size that Fargate has (nearest: cpu 32768 with memory 61440, ",
    );
  });

  it("that Fargate does not have is refused with the nearest that it has", () => {
    expect(() => resolveWorkerSize({ cpu: 1024, memory: 3000 }, usual)).toThrow(
      "nearest: cpu 1024 with memory 3072, cpu 1024 with memory 4096, cpu 1024 with memory 2048",
    );
    expect(() => resolveWorkerSize({ memory: 512 }, usual)).toThrow("nearest: cpu 256 with memory 512");
  });

  it("is named by pairs that Fargate has, whatever was asked for", () => {
    const any = fc.integer({ min: 1, max: 300_000 });
    fc.assert(
      fc.property(any, any, (cpu, memory) => {
        const nearest = nearestSizes(cpu, memory);
        expect(nearest).toHaveLength(3);
        for (const size of nearest) expect(isFargateSize(size.cpu, size.memoryMiB)).toBe(true);
      }),
    );
  });

  it("is one of those that the developer guide lists, as many as it lists", () => {
    const counts = [...fargateMemoriesMiB].map(([cpu, memories]) => [
      cpu,
      memories.length,
      memories[0],
      memories.at(-1),
    ]);
    expect(counts).toEqual([
      [256, 3, 512, 2048],
      [512, 4, 1024, 4096],
      [1024, 7, 2048, 8192],
      [2048, 13, 4096, 16_384],
      [4096, 23, 8192, 30_720],
      [8192, 12, 16_384, 61_440],
      [16_384, 12, 32_768, 122_880],
      [32_768, 3, 61_440, 249_856],
    ]);
  });
});
