/**
 * Protects a worker of an ECS service from scale-in while it has chunks (I6), through the endpoint that ECS's agent has
 * in each container. A failure is only told: a worker that is taken away in spite of it gives its chunks back.
 *
 *  P1 Requests go one at a time, so that the last one is what holds.
 *  P2 Protection ends by itself when the worker does not renew it, however it hangs.
 */
import { request } from "node:http";
import { text } from "node:stream/consumers";
import type { Clock } from "../base/clock.ts";
import { toError } from "../base/errors.ts";

const expiresInMinutes = 60;
const renewMs = (expiresInMinutes / 2) * 60 * 1000;
/** After a failure: often enough to be protected before a scale-in, which looks once a minute. */
const retryMs = 60_000;
/** A pause between chunks is no reason for two requests: the account has 200 of them at once and one a second after that. */
const idleMs = 15_000;
const timeoutMs = 5_000;

export interface TaskProtection extends AsyncDisposable {
  busy(): void;
  idle(): void;
}

export interface TaskProtectionDeps {
  /** `ECS_AGENT_URI`; without it, as in tasks of no service, nothing is asked. */
  readonly agentUri: string | undefined;
  readonly clock: Clock;
  readonly log: (message: string, fields: Readonly<Record<string, unknown>>) => void;
}

export function createTaskProtection({ agentUri, ...deps }: TaskProtectionDeps): TaskProtection {
  return agentUri === undefined ? unprotected : new AgentProtection(agentUri, deps);
}

const unprotected: TaskProtection = {
  busy: () => undefined,
  idle: () => undefined,
  [Symbol.asyncDispose]: () => Promise.resolve(),
};

class AgentProtection implements TaskProtection {
  readonly #url: string;
  readonly #deps: Omit<TaskProtectionDeps, "agentUri">;
  /** Undefined while the worker is busy. */
  #idleSince: number | undefined;
  #holding: Promise<void> | undefined;
  #poke = new AbortController();
  #closed = false;

  constructor(agentUri: string, deps: Omit<TaskProtectionDeps, "agentUri">) {
    this.#url = `${agentUri}/task-protection/v1/state`;
    this.#deps = deps;
  }

  busy(): void {
    this.#idleSince = undefined;
    this.#holding ??= this.#hold();
  }

  idle(): void {
    this.#idleSince = this.#deps.clock.now();
    this.#wake();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    this.#wake();
    await this.#holding;
  }

  #wake(): void {
    this.#poke.abort();
    this.#poke = new AbortController();
  }

  /** From the first chunk until the worker has been idle for a while. */
  async #hold(): Promise<void> {
    const { clock } = this.#deps;
    let askAt = clock.now();
    while (!this.#closed) {
      const now = clock.now();
      const releaseAt = this.#idleSince === undefined ? Number.POSITIVE_INFINITY : this.#idleSince + idleMs;
      if (now >= releaseAt) break;
      if (now >= askAt) askAt = now + ((await this.#ask(true)) ? renewMs : retryMs);
      else await clock.sleep(Math.min(askAt, releaseAt) - now, this.#poke.signal).catch(() => undefined); // woken
    }
    if (!this.#closed) await this.#ask(false);
    this.#holding = undefined;
    if (this.#idleSince === undefined && !this.#closed) this.busy(); // a chunk has come meanwhile
  }

  async #ask(enabled: boolean): Promise<boolean> {
    try {
      await put(
        this.#url,
        enabled ? { ProtectionEnabled: true, ExpiresInMinutes: expiresInMinutes } : { ProtectionEnabled: false },
      );
      return true;
    } catch (error) {
      this.#deps.log(enabled ? "protection from scale-in failed" : "ending protection from scale-in failed", {
        error: toError(error).message,
      });
      return false;
    }
  }
}

/** Plain `node:http`, which is loaded anyway: `fetch` would take 30 ms to load. */
async function put(url: string, body: object): Promise<void> {
  const reply = await new Promise<{ status: number | undefined; said: string }>((resolve, reject) => {
    const sending = request(
      url,
      { method: "PUT", headers: { "content-type": "application/json" }, signal: AbortSignal.timeout(timeoutMs) },
      (response) => {
        text(response).then((said) => resolve({ status: response.statusCode, said }), reject);
      },
    );
    sending.on("error", reject).end(JSON.stringify(body));
  });
  // The agent tells some failures with status 200: `{"failure":{"Reason":"TASK_NOT_VALID",…}}`.
  if (reply.status !== 200 || /"(failure|error)":\s*\{/.test(reply.said)) {
    throw new Error(`the agent answered ${String(reply.status)}: ${reply.said}`);
  }
}
