/** The call whose body is running: how `context` knows which one it is asked about. */
import { AsyncLocalStorage } from "node:async_hooks";
import type { Clock } from "../base/clock.ts";
import { isWanted, type LogLevel, type LogLine } from "../base/log-line.ts";
import type { RunFacts } from "../base/run-facts.ts";

/** What all calls of one step in one batch have in common. */
export interface CallSubject {
  readonly run: RunFacts;
  readonly taskName: string;
  /** The same for all calls and attempts. */
  readonly taskSlug: string;
  readonly taskTags: readonly string[];
  /** 1 for the first attempt. */
  readonly taskRunCount: number;
  /** The call was paused by its own body, and somebody has let it go on. */
  readonly resumed: boolean;
  readonly timeoutMs: number | undefined;
  /** What the bodies print becomes lines of the log. */
  readonly logStdout: boolean;
}

/** What is around the calls, where they run. */
export interface CallWorld {
  readonly clock: Clock;
  /** Aborts when nobody wants the run any more. */
  readonly signal?: AbortSignal | undefined;
  readonly log: (line: LogLine) => void;
  /** So long after its timeout an asynchronous call is given up; undefined where somebody else ends it. */
  readonly graceMs?: number | undefined;
  /** Called when a body with a timeout begins. */
  readonly onTimed?: ((timeoutMs: number) => void) | undefined;
}

/** One turn of a call: a body that throws LOOP has several. */
export class CurrentCall {
  readonly subject: CallSubject;
  readonly mapIndex: number | undefined;
  readonly loopCount: number;
  readonly loopResult: unknown;
  readonly #world: CallWorld;
  #signal: FollowingSignal | undefined;
  #ended = false;

  constructor(
    subject: CallSubject,
    world: CallWorld,
    mapIndex: number | undefined,
    loopCount = 1,
    loopResult?: unknown,
  ) {
    this.subject = subject;
    this.#world = world;
    this.mapIndex = mapIndex;
    this.loopCount = loopCount;
    this.loopResult = loopResult;
  }

  get fullName(): string {
    const { taskName } = this.subject;
    return this.mapIndex === undefined ? taskName : `${taskName}[${String(this.mapIndex)}]`;
  }

  /** Made when it is asked for: most bodies do not. */
  get signal(): AbortSignal {
    this.#signal ??= new FollowingSignal(this, this.#ended ? undefined : this.#world.signal);
    return this.#signal.signal;
  }

  next(loopResult: unknown): CurrentCall {
    return new CurrentCall(this.subject, this.#world, this.mapIndex, this.loopCount + 1, loopResult);
  }

  abort(reason: Error): void {
    this.#signal ??= new FollowingSignal(this, undefined);
    this.#signal.abort(reason);
  }

  /** What the body left running may still ask for its context, but its signal does not fire any more. */
  end(): void {
    this.#ended = true;
    this.#signal?.stop();
  }

  /** A line of the user's. */
  log(level: LogLevel, line: string): void {
    if (isWanted(level, this.subject.run.logLevel)) this.#write(level, line);
  }

  /** A line of the library's about the call. */
  narrate(level: LogLevel, line: string): void {
    if (isWanted(level, this.subject.run.runnerLogLevel)) this.#write(level, `Task '${this.fullName}': ${line}`);
  }

  #write(level: LogLevel, line: string): void {
    const { log, clock } = this.#world;
    // Outside of the call: what a taker of lines prints is not the call's.
    currentCalls().run(undefined, log, { level, task: this.fullName, line, atMs: clock.now() });
  }
}

/** Aborts with the signal it follows, or by itself; its listeners are the call's, whoever aborts. */
class FollowingSignal {
  readonly #controller = new AbortController();
  readonly #call: CurrentCall;
  readonly #followed: AbortSignal | undefined;
  readonly #follow = (): void => this.abort(this.#followed?.reason);

  constructor(call: CurrentCall, followed: AbortSignal | undefined) {
    this.#call = call;
    this.#followed = followed;
    if (followed?.aborted === true) this.#follow();
    else followed?.addEventListener("abort", this.#follow, { once: true });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  abort(reason: unknown): void {
    currentCalls().run(this.#call, () => this.#controller.abort(reason));
  }

  stop(): void {
    this.#followed?.removeEventListener("abort", this.#follow);
  }
}

// A symbol of the global registry: a bundle carries its own copy of this module, and asks about the worker's calls.
const PLACE = Symbol.for("cloudburst.currentCall");

export type CurrentCalls = AsyncLocalStorage<CurrentCall | undefined>;

interface GlobalWithCalls {
  [PLACE]?: CurrentCalls;
}

/** Follows a call through whatever its body starts: work that a call leaves behind never sees the next call. */
export function currentCalls(): CurrentCalls {
  return ((globalThis as GlobalWithCalls)[PLACE] ??= new AsyncLocalStorage());
}
