import type { Clock } from "../../base/clock.ts";
import { EmbeddedQueue } from "./embedded-queue.ts";
import { defaultAttributes, resolveQueueSettings } from "./queue-attributes.ts";
import type { QueueSettings } from "./queue-attributes.ts";
import {
  invalidParameter,
  invalidValue,
  purgeInProgress,
  queueDeletedRecently,
  queueDoesNotExist,
  queueNameExists,
} from "./sqs-errors.ts";

/** How long the name of a deleted queue stays blocked, and how long after a purge the next one is refused. */
const settlingMs = 60_000;

const namePattern = /^[\w-]{1,80}$/;

export interface RegistryOptions {
  readonly region: string;
  readonly accountId: string;
  readonly clock: Clock;
}

/** The queues of the embedded cloud's only account. */
export class QueueRegistry {
  readonly #options: RegistryOptions;
  readonly #queues = new Map<string, EmbeddedQueue>();
  readonly #deletedAt = new Map<string, number>();

  constructor(options: RegistryOptions) {
    this.#options = options;
  }

  /** Makes the queue, or returns the one of that name when none of the given attributes differs. */
  create(name: string, given: ReadonlyMap<string, string>): EmbeddedQueue {
    if (!namePattern.test(name)) {
      throw invalidParameter("Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length");
    }
    const settings = this.#settings(defaultAttributes, given);
    const present = this.#queues.get(name);
    if (present !== undefined) return sameQueue(present, given);
    const deletedAt = this.#deletedAt.get(name);
    if (deletedAt !== undefined && this.#options.clock.now() - deletedAt < settlingMs) throw queueDeletedRecently();
    const queue = new EmbeddedQueue(name, this.#arnOf(name), settings, this.#options.clock, (arn) => this.#byArn(arn));
    this.#deletedAt.delete(name);
    this.#queues.set(name, queue);
    return queue;
  }

  /** By its URL or name; throws `QueueDoesNotExist`. Only the last part of the URL counts, as on any endpoint of ours. */
  get(url: string): EmbeddedQueue {
    const queue = this.#queues.get(url.slice(url.lastIndexOf("/") + 1));
    if (queue === undefined) throw queueDoesNotExist();
    return queue;
  }

  configure(queue: EmbeddedQueue, given: ReadonlyMap<string, string>): void {
    queue.configure(this.#settings(queue.settings.attributes, given));
  }

  delete(queue: EmbeddedQueue): void {
    const now = this.#options.clock.now();
    for (const [name, at] of this.#deletedAt) if (now - at >= settlingMs) this.#deletedAt.delete(name);
    this.#deletedAt.set(queue.name, now);
    this.#queues.delete(queue.name);
    queue.close("deleted");
  }

  purge(queue: EmbeddedQueue): void {
    if (this.#options.clock.now() - queue.purgedAt < settlingMs) throw purgeInProgress(queue.name);
    queue.purge();
  }

  /** In order of their names. */
  list(prefix: string): readonly EmbeddedQueue[] {
    const names = [...this.#queues.keys()].filter((name) => name.startsWith(prefix)).sort();
    return names.map((name) => this.get(name));
  }

  close(): void {
    for (const queue of this.#queues.values()) queue.close("stopped");
  }

  #settings(present: ReadonlyMap<string, string>, given: ReadonlyMap<string, string>): QueueSettings {
    const settings = resolveQueueSettings(present, given);
    const target = settings.redrive?.deadLetterTargetArn;
    if (target !== undefined && this.#byArn(target) === undefined) {
      throw invalidValue(given.get("RedrivePolicy"), "RedrivePolicy", "Dead letter target does not exist.");
    }
    return settings;
  }

  #arnOf(name: string): string {
    return `arn:aws:sqs:${this.#options.region}:${this.#options.accountId}:${name}`;
  }

  #byArn(arn: string): EmbeddedQueue | undefined {
    const queue = this.#queues.get(arn.slice(arn.lastIndexOf(":") + 1));
    return queue?.arn === arn ? queue : undefined;
  }
}

function sameQueue(queue: EmbeddedQueue, given: ReadonlyMap<string, string>): EmbeddedQueue {
  for (const [name, value] of given) {
    if (queue.settings.attributes.get(name) !== value) throw queueNameExists(name);
  }
  return queue;
}
