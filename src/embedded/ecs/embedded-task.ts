import { setImmediate as nextTurn } from "node:timers/promises";
import type { Clock } from "../../base/clock.ts";
import { toError } from "../../base/errors.ts";
import type { ContainerLauncher, StartFault } from "../cloud.ts";
import type { EmbeddedFaults } from "../failures.ts";
import type { Cluster } from "./clusters.ts";
import type { TaskContainer } from "./task-container.ts";
import type { TaskDefinition } from "./task-definition.ts";
import { TaskProgress } from "./task-state.ts";
import type { StopCause } from "./task-state.ts";

/** What `RunTask` has decided about a task. */
export interface TaskPlan {
  readonly id: string;
  readonly arn: string;
  readonly cluster: Cluster;
  readonly definition: TaskDefinition;
  readonly cpu: string;
  readonly memory: string;
  readonly capacityProvider: string | undefined;
  readonly startedBy: string | undefined;
  readonly group: string;
  readonly overrides: object;
  readonly subnet: string;
  readonly tags: Map<string, string>;
  readonly containers: readonly TaskContainer[];
}

export interface TaskWorld {
  readonly clock: Clock;
  readonly launcher: ContainerLauncher;
  readonly faults: EmbeddedFaults;
  /** How long a task stays in PROVISIONING, as finding capacity and attaching a network interface take on Fargate. */
  readonly startupLatencyMs: number;
}

/**
 * A task and its life.
 *
 * E1 The first cause to end stands: `#end` keeps it, and everything that ends a task goes through it.
 * E2 Whatever was launched is awaited: a task is STOPPED only after all its containers have ended.
 */
export class EmbeddedTask {
  readonly plan: TaskPlan;
  readonly progress: TaskProgress;
  /** Resolves when the task is STOPPED. */
  readonly stopped: Promise<void>;
  readonly #world: TaskWorld;
  readonly #ending = new AbortController();
  readonly #killing = new AbortController();
  #cause: StopCause | undefined;

  /** Starts the task's life; the containers are launched in a later turn, so that no reply waits for them. */
  constructor(plan: TaskPlan, world: TaskWorld) {
    this.plan = plan;
    this.#world = world;
    this.progress = new TaskProgress(world.clock.now());
    this.stopped = this.#live();
  }

  get cause(): StopCause | undefined {
    return this.#cause;
  }

  /** Ends the task as `StopTask` does; no effect on one that is ending already. */
  stop(reason: string): void {
    this.#end({ code: "UserInitiated", reason });
    this.plan.tags.clear(); // as StopTask does
  }

  /** Takes the task's capacity away: it gets SIGTERM and its stop time-out, as on Spot. False when it is ending already. */
  interrupt(): boolean {
    if (this.#cause !== undefined) return false;
    this.#end({ code: "SpotInterruption", reason: "Your Spot Task was interrupted." });
    return true;
  }

  /** Ends the task without grace; resolves when it is STOPPED. */
  async kill(): Promise<void> {
    this.stop("the embedded cloud is closing");
    this.#killing.abort();
    await this.stopped;
  }

  async #live(): Promise<void> {
    const { clock, startupLatencyMs } = this.#world;
    await nextTurn();
    const { signal } = this.#ending;
    if (startupLatencyMs > 0) await clock.sleep(startupLatencyMs, signal).catch(() => undefined); // stopped before it began
    if (!signal.aborted) await this.#start();
    await ended(signal);
    await this.#finish();
  }

  async #start(): Promise<void> {
    const { clock, launcher, faults } = this.#world;
    const { times } = this.progress;
    this.progress.advance("PENDING");
    times.pullStartedAt = times.pullStoppedAt = clock.now();
    const fault = faults.takeStart();
    if (fault !== undefined) {
      this.#fail(fault);
      return;
    }
    for (const container of this.plan.containers) {
      if (this.#ending.signal.aborted) return;
      try {
        await container.start(launcher, (exited) => {
          if (exited.definition.essential) {
            this.#end({ code: "EssentialContainerExited", reason: "Essential container in task exited" });
          }
        });
      } catch (error) {
        this.#end({ code: "TaskFailedToStart", reason: toError(error).message });
      }
    }
    if (this.#cause?.code === "TaskFailedToStart") return;
    times.startedAt = clock.now();
    this.progress.advance("RUNNING");
  }

  #fail(fault: StartFault): void {
    for (const container of this.plan.containers) container.fail(fault);
    if (fault.exitCode !== undefined) this.progress.times.startedAt = this.#world.clock.now();
    this.#end({ code: fault.code, reason: fault.reason });
  }

  async #finish(): Promise<void> {
    const { clock } = this.#world;
    const { times } = this.progress;
    this.progress.advance("DEACTIVATING");
    this.progress.advance("STOPPING");
    await Promise.all(this.plan.containers.map((container) => container.stop(clock, this.#killing.signal)));
    times.executionStoppedAt = clock.now();
    this.progress.advance("DEPROVISIONING");
    times.stoppedAt = clock.now();
    this.progress.advance("STOPPED");
  }

  #end(cause: StopCause): void {
    if (this.#cause !== undefined) return;
    this.#cause = cause;
    this.progress.times.stoppingAt = this.#world.clock.now();
    this.#ending.abort();
  }
}

function ended(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    signal.addEventListener(
      "abort",
      () => {
        resolve();
      },
      { once: true },
    );
  });
}
