import { expect, it } from "vitest";
import type { ContainerSpec } from "../../src/embedded/cloud.ts";
import { createArguments } from "../../src/embedded/docker-arguments.ts";

const spec: ContainerSpec = {
  image: "worker:1",
  command: ["--verbose"],
  environment: { AWS_SECRET_ACCESS_KEY: "s3cret", RUN: "1" },
  taskArn: "arn:task",
  containerName: "main",
};

/** What follows each occurrence of a flag. */
function valuesOf(flag: string, more: Partial<ContainerSpec> = {}, processors = 8): readonly (string | undefined)[] {
  const args = createArguments({ ...spec, ...more }, processors);
  return args.flatMap((argument, index) => (argument === flag ? [args[index + 1]] : []));
}

it("variables are told to Docker by name only, so that no secret stands in a process list", () => {
  expect(valuesOf("--env")).toEqual(["AWS_SECRET_ACCESS_KEY", "RUN"]);
  expect(createArguments(spec, 8).join(" ")).not.toContain("s3cret");
});

it("the command follows the image, and an entry point's own arguments go before it", () => {
  expect(createArguments(spec, 8).slice(-2)).toEqual(["worker:1", "--verbose"]);
  const args = createArguments({ ...spec, entryPoint: ["node", "other.mjs"] }, 8);
  expect(args.slice(-3)).toEqual(["worker:1", "other.mjs", "--verbose"]);
  expect(valuesOf("--entrypoint", { entryPoint: ["node", "other.mjs"] })).toEqual(["node"]);
});

it("limits are the task's, with no more processors than the machine has and no swap", () => {
  const limits = { cpuUnits: 4096, memoryMib: 8192 };
  expect(valuesOf("--cpus", { limits })).toEqual(["4"]);
  expect(valuesOf("--cpus", { limits }, 2)).toEqual(["2"]);
  expect([valuesOf("--memory", { limits }), valuesOf("--memory-swap", { limits })]).toEqual([["8192m"], ["8192m"]]);
  expect(valuesOf("--memory")).toEqual([]);
});

it("a mount path cannot name a directory of this machine", () => {
  const confinement = { user: undefined, readonlyRoot: true, init: false, droppedCapabilities: [] };
  expect(valuesOf("--volume", { confinement: { ...confinement, mountPaths: ["/tmp"] } })).toEqual(["/tmp"]);
  const escaping = { ...spec, confinement: { ...confinement, mountPaths: ["/etc:/tmp"] } };
  expect(() => createArguments(escaping, 8)).toThrow("containerPath must be an absolute path without a colon");
});
