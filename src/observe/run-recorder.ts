/** Turns a run's events into lines of its record. Decides what is worth a line; where lines go is the writer's matter. */
import { unreachable } from "../base/errors.ts";
import type { ExecutorEvent, FleetProfile, ScalingDecided } from "../executors/executor.ts";
import type { FlowDefinition } from "../flow/flow.ts";
import type { Graph, GraphNode } from "../flow/graph.ts";
import { referencedNodes } from "../flow/node-references.ts";
import type { RunEvent } from "../flow/run-event.ts";
import { ChunkBins } from "./chunk-bins.ts";
import { type CostEstimate, formatPrices, priceFleet } from "./cost.ts";
import { type RecordedTask, type RecordLine, recordVersion } from "./run-record.ts";

/** Chunks are written this often: what a driver that dies takes with it. */
const chunksEveryMs = 5_000;

type Started = Extract<RunEvent, { readonly type: "run-started" }>;
type Finished = Extract<RunEvent, { readonly type: "run-finished" }>;

export class RunRecorder {
  readonly #startedAt: number;
  readonly #fleet: FleetProfile | undefined;
  readonly #write: (line: RecordLine) => void;
  readonly #bins = new ChunkBins();
  #lastCommitAt = 0;
  #chunksWrittenAt = 0;

  /** @param now milliseconds since the epoch */
  constructor(
    started: Started,
    { graph, definedIn }: Pick<FlowDefinition, "graph" | "definedIn">,
    now: number,
    write: (line: RecordLine) => void,
  ) {
    const { runId, flowName, executor, profile = { place: "custom" } } = started;
    this.#startedAt = now;
    this.#fleet = profile.fleet;
    this.#write = write;
    write({
      type: "run",
      version: recordVersion,
      runId,
      flow: flowName,
      startedAt: now,
      executor,
      ...(definedIn !== undefined && { file: definedIn }),
      profile,
      tasks: tasksOf(graph),
    });
  }

  handle(event: RunEvent, now: number): void {
    const at = Math.max(0, now - this.#startedAt);
    if (event.type === "calls-planned") this.#write({ type: "calls", at, slug: event.slug, calls: event.calls });
    else if (event.type === "executor") this.#executor(event.event, at);
    else if (event.type === "run-finished") this.#finished(event, at);
  }

  #executor(event: ExecutorEvent, at: number): void {
    switch (event.kind) {
      case "cluster-started": {
        const { description, workers, slots } = event;
        return this.#write({ type: "cluster", at, description, workers, slots });
      }
      case "worker-joined":
        return this.#write({ type: "worker", at, what: "joined", id: event.workerId, startUpMs: event.startupMs });
      case "worker-left":
        return this.#write({ type: "worker", at, what: "left", id: event.workerId, reason: event.reason });
      case "worker-lost":
        return this.#write({ type: "worker", at, what: "lost", id: event.workerId, reason: event.reason });
      case "scaling-decided":
        return this.#write(this.#decision(event));
      case "chunk-committed":
        this.#bins.add(event.slugs ?? ["unknown"], event.calls, event.busyMs);
        this.#lastCommitAt = at;
        if (at >= this.#chunksWrittenAt + chunksEveryMs) this.#writeChunks();
        return;
      case "warning":
        return this.#write({ type: "warning", at, message: event.message });
      default:
        unreachable(event);
    }
  }

  #decision({ at, target, workers, pending, winner, bounds, sentence }: ScalingDecided): RecordLine {
    return {
      type: "decision",
      at: Math.max(0, at - this.#startedAt),
      target,
      workers,
      pending,
      winner,
      bounds: bounds.map(({ name, value }) => ({ name, value: Number.isFinite(value) ? value : null })),
      sentence,
    };
  }

  #writeChunks(): void {
    this.#chunksWrittenAt = this.#lastCommitAt;
    for (const group of this.#bins.take()) this.#write({ type: "chunks", at: this.#lastCommitAt, ...group });
  }

  #finished({ kind, message, report }: Finished, at: number): void {
    this.#writeChunks();
    if (report === undefined) return this.#write({ type: "end", at, kind, message });
    const { workers, slots, chunks, duplicates, busyMs, chunkMs, launches, limitedBy } = report;
    const used = { workers, slots, chunks, duplicates, busyMs, ...(chunkMs !== undefined && { chunkMs }) };
    const told = { ...(launches !== undefined && { launches }), ...(limitedBy !== undefined && { limitedBy }) };
    const cost = this.#fleet && costOf(priceFleet(report, this.#fleet));
    this.#write({ type: "end", at, kind, message, report: { ...used, ...told }, ...(cost && { cost }) });
  }
}

function costOf({ items, totalUsd, prices }: CostEstimate): Extract<RecordLine, { type: "end" }>["cost"] {
  return { totalUsd, items: items.map((item) => ({ ...item })), prices: formatPrices(prices) };
}

function tasksOf({ nodes }: Graph): RecordedTask[] {
  return nodes.flatMap((node) => (node.kind === "task" ? [taskOf(node, nodes)] : []));
}

function taskOf(node: Extract<GraphNode, { kind: "task" }>, nodes: readonly GraphNode[]): RecordedTask {
  const upstreams = referencedNodes(node).flatMap((id) => nodes[id] ?? []);
  const after = upstreams.flatMap((upstream) => (upstream.kind === "task" ? [upstream.slug] : []));
  return { slug: node.slug, name: node.name, mapped: node.mapped, after };
}
