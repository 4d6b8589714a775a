/** The states of a task, in the order in which it passes them; it may skip some, and never goes back. */
export const taskStates = [
  "PROVISIONING",
  "PENDING",
  "ACTIVATING",
  "RUNNING",
  "DEACTIVATING",
  "STOPPING",
  "DEPROVISIONING",
  "STOPPED",
] as const;

export type TaskState = (typeof taskStates)[number];

export type StopCode = "TaskFailedToStart" | "EssentialContainerExited" | "UserInitiated" | "SpotInterruption";

/** Why a task ends: the first reason stands. */
export interface StopCause {
  readonly code: StopCode;
  readonly reason: string;
}

/** Milliseconds since the epoch of what has happened to a task so far. */
export interface TaskTimes {
  readonly createdAt: number;
  pullStartedAt?: number;
  pullStoppedAt?: number;
  startedAt?: number;
  stoppingAt?: number;
  executionStoppedAt?: number;
  stoppedAt?: number;
}

/** A task's progress. `advance` is the one place that changes the state. */
export class TaskProgress {
  readonly times: TaskTimes;
  #state: TaskState = "PROVISIONING";
  #version = 1;

  constructor(createdAt: number) {
    this.times = { createdAt };
  }

  get state(): TaskState {
    return this.#state;
  }

  /** Grows with each change, so that a reader can tell which of two descriptions is newer. */
  get version(): number {
    return this.#version;
  }

  advance(state: TaskState): void {
    if (taskStates.indexOf(state) <= taskStates.indexOf(this.#state)) {
      throw new Error(`a task cannot go from ${this.#state} to ${state}`);
    }
    this.#state = state;
    this.#version += 1;
  }
}
