/** Carries out what the launch planner plans, and tells it what came of it. */
import type { Launch, LaunchAction, LaunchEvent } from "../adaptive/launch-planner.ts";
import { CloudburstError, unreachable } from "../base/errors.ts";
import type { Fleet } from "../cluster/fleet.ts";
import type { Clock } from "../base/clock.ts";
import type { Roster } from "./roster.ts";

export interface LaunchDeskDeps {
  readonly fleet: Fleet;
  readonly clock: Clock;
  readonly roster: Roster;
  /** Tells the planner, which may answer with further actions. */
  readonly note: (event: LaunchEvent) => readonly LaunchAction[];
  readonly warn: (message: string) => void;
  /** Why a worker was lost last. */
  readonly lastLoss: () => string | undefined;
}

export class LaunchDesk {
  readonly #deps: LaunchDeskDeps;
  readonly #requests = new Set<Promise<void>>();
  #gaveUp: CloudburstError | undefined;

  constructor(deps: LaunchDeskDeps) {
    this.#deps = deps;
  }

  /** The planner has given up: trying on is of no use. */
  get gaveUp(): CloudburstError | undefined {
    return this.#gaveUp;
  }

  async tell(event: LaunchEvent): Promise<void> {
    await this.perform(this.#deps.note(event));
  }

  async perform(actions: readonly LaunchAction[]): Promise<void> {
    await Promise.all(actions.map((action) => this.#perform(action)));
  }

  /** Resolves when no request is under way. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#requests);
  }

  async #perform(action: LaunchAction): Promise<void> {
    switch (action.kind) {
      case "launch": {
        const request = this.#request(action.launch).finally(() => this.#requests.delete(request));
        this.#requests.add(request);
        await request;
        return;
      }
      case "tell":
        this.#deps.warn(action.message);
        return;
      case "give-up":
        this.#gaveUp = new CloudburstError(action.code, action.message, { data: { reason: this.#deps.lastLoss() } });
        return;
      default:
        unreachable(action);
    }
  }

  async #request(launch: Launch): Promise<void> {
    const { fleet, clock, roster } = this.#deps;
    const { token, capacity } = launch;
    const launchedAt = clock.now();
    const reply = await fleet.launch(launch);
    if (reply.kind === "refused") {
      await this.tell({ kind: "refused", token, failure: reply.failure });
      return;
    }
    for (const id of reply.ids) roster.add(id, launchedAt, capacity);
    await this.tell({ kind: "answered", token, started: reply.ids.length, failures: reply.failures });
  }
}
