/** Keeps a record of each run on a cluster. */
import type { Clock } from "../base/clock.ts";
import type { FlowDefinition, FlowRunner } from "../flow/flow.ts";
import type { RunEvent } from "../flow/run-event.ts";
import type { RunOptions } from "../flow/run-options.ts";
import { RecordFile, type RecordPlace } from "./record-file.ts";
import { RunRecorder } from "./run-recorder.ts";

export interface RecordDeps {
  readonly clock: Clock;
  /** Undefined, or a rejection, records nothing. */
  readonly place: () => Promise<RecordPlace | undefined>;
  readonly warn: (message: string) => void;
}

/** Makes a runner that records; whatever becomes of the record, the run is the same. */
export function recordRuns(run: FlowRunner, deps: RecordDeps): FlowRunner {
  return async <R>(flow: FlowDefinition, options: RunOptions) => {
    // A configuration that cannot be read is for the runner to tell, which reads it as well.
    const place = mayBeRecorded(flow, options) ? await deps.place().catch(() => undefined) : undefined;
    if (place === undefined) return await run<R>(flow, options);
    const recording = new Recording(flow, place, deps);
    try {
      return await run<R>(flow, options, (event) => recording.handle(event));
    } finally {
      await recording.close();
    }
  };
}

function mayBeRecorded(flow: FlowDefinition, { executor }: RunOptions): boolean {
  return (executor ?? flow.executor)?.profile?.place !== "in-process";
}

class Recording {
  readonly #flow: FlowDefinition;
  readonly #place: RecordPlace;
  readonly #deps: RecordDeps;
  #recorder: RunRecorder | undefined;
  #file: RecordFile | undefined;

  constructor(flow: FlowDefinition, place: RecordPlace, deps: RecordDeps) {
    this.#flow = flow;
    this.#place = place;
    this.#deps = deps;
  }

  handle(event: RunEvent): void {
    const now = this.#deps.clock.now();
    if (event.type === "run-started") this.#start(event, now);
    else this.#recorder?.handle(event, now);
  }

  async close(): Promise<void> {
    await this.#file?.close();
  }

  /** Executors of which nothing is known have no cluster that a record could tell of. */
  #start(event: Extract<RunEvent, { readonly type: "run-started" }>, now: number): void {
    if (event.profile === undefined || event.profile.place === "in-process") return;
    const file = new RecordFile(this.#place, event.runId, this.#deps.warn);
    this.#file = file;
    this.#recorder = new RunRecorder(event, this.#flow, now, (line) => file.add(line));
  }
}
