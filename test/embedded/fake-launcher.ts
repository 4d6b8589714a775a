import type { ContainerLauncher, ContainerSpec, RunningContainer } from "../../src/embedded/cloud.ts";
import { deferred } from "./deferred.ts";

export interface FakeContainer {
  readonly spec: ContainerSpec;
  readonly signals: readonly string[];
  exit(exitCode: number, reason?: string): void;
}

/** Containers that do what a test says: they end when told to, or at once after a SIGKILL. */
export class FakeLauncher implements ContainerLauncher {
  readonly containers: FakeContainer[] = [];
  /** What the next launches wait for; a rejection makes them fail. */
  beforeLaunch: Promise<void> = Promise.resolve();

  async launch(spec: ContainerSpec): Promise<RunningContainer> {
    await this.beforeLaunch;
    const signals: string[] = [];
    const exited = deferred<{ readonly exitCode: number; readonly reason: string | undefined }>();
    const exit = (exitCode: number, reason?: string): void => exited.resolve({ exitCode, reason });
    this.containers.push({ spec, signals, exit });
    return {
      exited: exited.promise,
      kill: (signal) => {
        signals.push(signal);
        if (signal === "SIGKILL") exit(137);
      },
    };
  }
}
