import type { Clock } from "../../base/clock.ts";
import { toError } from "../../base/errors.ts";
import type { ContainerLauncher, ContainerSpec, RunningContainer, StartFault } from "../cloud.ts";
import type { JsonObject } from "../json-input.ts";
import type { ContainerDefinition } from "./container-definition.ts";

/** One container of a task: started once, stopped once. */
export class TaskContainer {
  readonly definition: ContainerDefinition;
  readonly arn: string;
  readonly spec: ContainerSpec;
  #running: RunningContainer | undefined;
  #status: "PENDING" | "RUNNING" | "STOPPED" = "PENDING";
  #exitCode: number | undefined;
  #reason: string | undefined;

  constructor(definition: ContainerDefinition, arn: string, spec: ContainerSpec) {
    this.definition = definition;
    this.arn = arn;
    this.spec = spec;
  }

  get status(): "PENDING" | "RUNNING" | "STOPPED" {
    return this.#status;
  }

  /** Rejects when the container cannot be started; `ended` is called when it ends by itself or is stopped. */
  async start(launcher: ContainerLauncher, ended: (container: TaskContainer) => void): Promise<void> {
    try {
      this.#running = await launcher.launch(this.spec);
    } catch (error) {
      this.#status = "STOPPED";
      this.#reason = toError(error).message;
      throw error;
    }
    this.#status = "RUNNING";
    void this.#running.exited.then(({ exitCode, reason }) => {
      this.#status = "STOPPED";
      this.#exitCode = exitCode;
      this.#reason = reason;
      ended(this);
    });
  }

  /** Ends it before it was started. */
  fail({ code, reason, exitCode, containerReason }: StartFault): void {
    this.#status = "STOPPED";
    this.#exitCode = exitCode;
    this.#reason = containerReason ?? (code === "TaskFailedToStart" ? reason : undefined);
  }

  /** SIGTERM, and SIGKILL once the container's stop time-out has passed or `now` aborts; resolves when it has ended. */
  async stop(clock: Clock, now: AbortSignal): Promise<void> {
    const running = this.#running;
    if (running === undefined || this.#status === "STOPPED") {
      this.#status = "STOPPED";
      return;
    }
    const exited = new AbortController();
    const overdue = clock
      .sleep(this.definition.stopTimeoutMs, AbortSignal.any([exited.signal, now]))
      .catch(() => undefined);
    running.kill("SIGTERM");
    void overdue.then(() => {
      if (!exited.signal.aborted) running.kill("SIGKILL");
    });
    await running.exited;
    exited.abort();
  }

  describe(taskArn: string): JsonObject {
    return {
      containerArn: this.arn,
      taskArn,
      name: this.definition.name,
      image: this.definition.image,
      lastStatus: this.#status,
      healthStatus: "UNKNOWN",
      cpu: String(this.definition.cpuUnits),
      networkInterfaces: [],
      ...(this.#exitCode === undefined ? {} : { exitCode: this.#exitCode }),
      ...(this.#reason === undefined ? {} : { reason: this.#reason }),
    };
  }
}
