import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Project } from "../packed/project.ts";
import { describeWithEngine, docker, requireEngine } from "./engine.ts";

const workerFile = fileURLToPath(new URL("../../dist/worker.mjs", import.meta.url));
const tag = "cloudburst-worker:packed";

describeWithEngine("the worker's image, built from the installed package", () => {
  let project: Project;
  beforeAll(() => {
    // BuildKit would look the base image up in a registry first.
    project = new Project({ DOCKER_BUILDKIT: "0" });
  });
  afterAll(() => project[Symbol.dispose]());

  it("is built by the command of its README, and holds the worker's file as it is here", async () => {
    await project.installPacked("--ignore-scripts");
    const base = ["--build-arg", `BASE_IMAGE=${requireEngine().baseImage}`];
    const from = "node_modules/cloudburst";
    await project.succeed("docker", "build", "-f", `${from}/worker-image/Dockerfile`, ...base, "-t", tag, from);
    const print = 'process.stdout.write(require("fs").readFileSync("worker.mjs"))';
    const held = await docker("run", "--rm", "--network", "none", "--entrypoint", "node", tag, "-e", print);
    expect(held).toBe(readFileSync(workerFile, "utf8").trim());
  }, 180_000);

  it("starts the worker", async () => {
    const started = docker("run", "--rm", "--read-only", "--network", "none", tag);
    await expect(started).rejects.toThrow(/the worker's environment is incomplete: .*CLOUDBURST_BUCKET/s);
  });
});
