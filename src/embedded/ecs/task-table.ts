import type { Clock } from "../../base/clock.ts";
import { lastPart } from "./ecs-arns.ts";
import type { EmbeddedTask } from "./embedded-task.ts";

/** ECS shows stopped tasks for at least an hour. */
const keptMs = 3_600_000;

/** A client token counts for 24 hours at most. */
const tokenMs = 86_400_000;

interface TokenUse {
  readonly fingerprint: string;
  readonly tasks: readonly EmbeddedTask[];
  readonly usedAt: number;
}

/** All tasks that can be seen, and the client tokens that they were run with. */
export class TaskTable {
  readonly #clock: Clock;
  readonly #forgotten: (task: EmbeddedTask) => void;
  readonly #tasks = new Map<string, EmbeddedTask>();
  readonly #tokens = new Map<string, TokenUse>();

  constructor(clock: Clock, forgotten: (task: EmbeddedTask) => void) {
    this.#clock = clock;
    this.#forgotten = forgotten;
  }

  add(task: EmbeddedTask): void {
    this.#tasks.set(task.plan.id, task);
  }

  /** By id or ARN. */
  find(idOrArn: string): EmbeddedTask | undefined {
    const task = this.#tasks.get(lastPart(idOrArn));
    return idOrArn.startsWith("arn:") && task?.plan.arn !== idOrArn ? undefined : task;
  }

  /** In the order in which they were run. */
  inCluster(clusterArn: string): readonly EmbeddedTask[] {
    this.#forget();
    return [...this.#tasks.values()].filter((task) => task.plan.cluster.arn === clusterArn);
  }

  all(): readonly EmbeddedTask[] {
    return [...this.#tasks.values()];
  }

  /** An earlier use of the token in the same cluster that still counts. */
  tokenUse(token: string): TokenUse | undefined {
    this.#forget();
    return this.#tokens.get(token);
  }

  rememberToken(token: string, fingerprint: string, tasks: readonly EmbeddedTask[]): void {
    this.#tokens.set(token, { fingerprint, tasks, usedAt: this.#clock.now() });
  }

  /** Drops what is too old: tasks an hour after their end, tokens with the last of their tasks or after a day. */
  #forget(): void {
    const now = this.#clock.now();
    for (const task of this.#tasks.values()) {
      if (now - (task.progress.times.stoppedAt ?? now) <= keptMs) continue;
      this.#tasks.delete(task.plan.id);
      this.#forgotten(task);
    }
    for (const [token, use] of this.#tokens) {
      const gone = use.tasks.every((task) => this.#tasks.get(task.plan.id) !== task);
      if (gone || now - use.usedAt > tokenMs) this.#tokens.delete(token);
    }
  }
}
