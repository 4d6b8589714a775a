import { expect, it } from "vitest";
import { docker, describeWithEngine, requireEngine } from "./engine.ts";

/** What the base image may have is its own affair; this is what we add. */
const maxAddedBytes = 2_000_000;

describeWithEngine("the worker's image", () => {
  const inspect = async (format: string, image = requireEngine().workerImage) =>
    JSON.parse(await docker("image", "inspect", "--format", `{{json ${format}}}`, image)) as unknown;

  it("adds one file to its base", async () => {
    const size = Number(await inspect(".Size"));
    const base = Number(await inspect(".Size", requireEngine().baseImage));
    expect(size - base).toBeLessThan(maxAddedBytes);
  });

  it("starts the worker without a shell, as a user other than root, and leaves SIGTERM to it", async () => {
    expect(await inspect(".Config")).toMatchObject({
      Entrypoint: ["node", "worker.mjs"],
      User: "1000:1000",
      StopSignal: "SIGTERM",
      Volumes: { "/tmp": {} },
    });
  });

  it("starts with a read-only root, no capability and no network, and says what it lacks", async () => {
    const shut = ["--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges", "--network", "none"];
    const started = docker("run", "--rm", ...shut, requireEngine().workerImage);
    await expect(started).rejects.toThrow(/the worker's environment is incomplete: .*CLOUDBURST_BUCKET/s);
  });
});
