import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LocalExecutor } from "../../src/executors/local-executor.ts";
import type { Executor } from "../../src/executors/executor.ts";
import type { Graph } from "../../src/flow/graph.ts";
import { FAIL, SKIP, SUCCESS, TRIGGERFAIL } from "../../src/flow/signals.ts";
import type { State } from "../../src/flow/state.ts";
import {
  allFailed,
  allFinished,
  allSuccessful,
  anyFailed,
  anySuccessful,
  type Trigger,
} from "../../src/flow/trigger.ts";
import { evaluate, type Expected, resultOf } from "./support/reference-evaluator.ts";
import { ScatteringExecutor } from "./support/scattering-executor.ts";
import { type Body, each, flatten, type Ref, runGraph, TestGraph } from "./support/test-graph.ts";

/**
 * Skips now and then. It asks for no number: an upstream that reaches a call through two lists counts
 * twice in the engine.
 */
const moody: Trigger = {
  name: "moody",
  skips: ({ successful, failed }) => successful > 0 && failed > 0,
  test: ({ successful, total }) => successful === total,
  message: "not in the mood",
};
const triggers = [allSuccessful, allSuccessful, allSuccessful, anySuccessful, anyFailed, allFailed, allFinished, moody];

/** A deterministic body: what it returns, or what it throws, depends on its arguments only. */
function body(seed: number, failEvery: number, signalEvery: number): Body {
  return (...args: unknown[]) => {
    const hash = hashOf([seed, args]);
    if (failEvery > 0 && hash % failEvery === 0) throw new Error(`no ${String(hash)}`);
    if (signalEvery > 0 && hash % signalEvery === 1) throw signal(hash);
    if (hash % 5 < 2) return Array.from({ length: hash % 4 }, (_, at) => (hash + at) % 7);
    if (hash % 5 === 2) return [[hash % 3], hash % 2, [], [hash % 7, 1]];
    return hash % 100;
  };
}

function signal(hash: number): Error {
  const options = hash % 2 === 0 ? {} : { result: hash % 9 };
  const message = `signal ${String(hash)}`;
  switch (hash % 4) {
    case 0:
      return new SKIP(message, options);
    case 1:
      return new FAIL(message, options);
    case 2:
      return new TRIGGERFAIL(message, options);
    default:
      return new SUCCESS(message, { result: hash % 3 === 0 ? [hash % 7, [hash % 5]] : hash % 9 });
  }
}

function hashOf(value: unknown): number {
  let hash = 7;
  for (const character of JSON.stringify(plain(value))) hash = (hash * 31 + character.charCodeAt(0)) % 1_000_003;
  return hash;
}

/** Errors of trigger-failed tasks carry their words; the reference's are plain errors. */
function plain(value: unknown): unknown {
  if (value instanceof Error) return { error: value.message };
  return Array.isArray(value) ? value.map(plain) : (value ?? "nothing");
}

const inputSpec = fc.record({
  way: fc.constantFrom("node", "list", "flatten", "constant", "flat list"),
  picks: fc.array(fc.nat(), { minLength: 1, maxLength: 3 }),
  each: fc.boolean(),
});

const nodeSpec = fc.record({
  /** A link of a chain: maps over the node before and nothing else, so that executors may fuse it. */
  link: fc.boolean(),
  mapped: fc.boolean(),
  inputs: fc.array(inputSpec, { maxLength: 3 }),
  after: fc.array(fc.nat(), { maxLength: 1 }),
  trigger: fc.constantFrom(...triggers),
  skipOnUpstreamSkip: fc.boolean(),
  seed: fc.nat({ max: 999 }),
  failEvery: fc.constantFrom(0, 0, 3, 7),
  signalEvery: fc.constantFrom(0, 0, 2, 5),
});

function graphOf(specs: readonly (typeof nodeSpec extends fc.Arbitrary<infer T> ? T : never)[]): Graph {
  const graph = new TestGraph();
  const made: Ref[] = [];
  for (const [id, spec] of specs.entries()) {
    const pick = (nat: number): unknown => (made.length === 0 ? [1, [2, 3], 4] : made[nat % made.length]);
    const inputs = spec.inputs.map(({ way, picks, each: wantsEach }, at) => {
      const [first = 0] = picks;
      const base = {
        node: () => pick(first),
        list: () => [...new Set(picks.map(pick))],
        flatten: () => flatten(pick(first)),
        constant: () => [first % 5, [1, 2], 3].slice(0, 1 + (first % 3)),
        "flat list": () => flatten([...new Set(picks.map(pick)), 5]),
      }[way]();
      return spec.mapped && (wantsEach || at === 0) ? each(base) : base;
    });
    const { trigger, skipOnUpstreamSkip } = spec;
    const before = made.at(-1);
    if (spec.link && before !== undefined) {
      const link = body(spec.seed, spec.failEvery, spec.signalEvery);
      made.push(graph.map(`t${String(id)}`, link, [each(before), spec.seed]));
      continue;
    }
    const after = made.length === 0 ? [] : spec.after.map((nat) => made[nat % made.length] ?? { node: 0 });
    const isMapped = spec.mapped && inputs.length > 0;
    const name = `t${String(id)}`;
    const run = body(spec.seed, spec.failEvery, spec.signalEvery);
    const options = { trigger, skipOnUpstreamSkip, after };
    made.push(isMapped ? graph.map(name, run, inputs, options) : graph.task(name, run, inputs, options));
  }
  return graph.graph(made);
}

const graphs = fc.array(nodeSpec, { minLength: 1, maxLength: 9 }).map(graphOf);

const seen = (state: State): unknown =>
  state.kind === "Mapped"
    ? { kind: state.kind, children: [...state.mapStates].map(seen) }
    : { kind: state.kind, result: plain(isOddError(state) ? "unmappable" : state.result) };

const foreseen = (state: Expected): unknown =>
  state.kind === "Mapped"
    ? { kind: state.kind, children: state.children.map(foreseen) }
    : { kind: state.kind, result: plain(isUnmappable(state) ? "unmappable" : resultOf(state)) };

const isOddError = (state: State): boolean => state.kind === "Failed" && "code" in state.error;
const isUnmappable = (state: Expected): boolean =>
  state.kind === "Failed" && ["unmappable", "nothing to map over"].includes(state.error.message);

async function statesOn(graph: Graph, executor: Executor): Promise<readonly unknown[]> {
  const state = await runGraph(graph, { executor, fetch: "all" });
  const states = graph.nodes.map(({ id }) => state.of({ node: id }));
  for (const one of states) for (const each of one.kind === "Mapped" ? one.mapStates : [one]) checkHistory(each);
  return states.map(seen);
}

/** From pending to how it ended, with a turn at running for each attempt, in the order of time. */
function checkHistory({ kind, message, attempts, history }: State): void {
  expect(history.map((change) => change.kind)).toEqual(["Pending", ...(attempts === 0 ? [] : ["Running"]), kind]);
  expect(history.at(-1)?.message).toBe(message);
  const times = history.map(({ at }) => at?.getTime() ?? NaN);
  expect(times).toEqual(times.toSorted((a, b) => a - b));
}

/** Hashes see errors' messages, so a graph in which an engine's own error is an input cannot be compared. */
function feedsOwnErrors(expected: readonly Expected[]): boolean {
  return expected.some(isUnmappable);
}

function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
}

describe("any graph", () => {
  it("ends in the states that a naive evaluation gives", async () => {
    await fc.assert(
      fc.asyncProperty(graphs, async (graph) => {
        const expected = evaluate(graph);
        fc.pre(!feedsOwnErrors(expected));
        expect(await statesOn(graph, new LocalExecutor())).toEqual(expected.map(foreseen));
      }),
      { numRuns: 400 },
    );
  });

  it.each([
    { keeps: false, fuses: false },
    { keeps: true, fuses: false },
    { keeps: false, fuses: true },
    { keeps: true, fuses: true },
  ])("ends the same on an executor that settles as it likes ($keeps, $fuses)", async ({ keeps, fuses }) => {
    await fc.assert(
      fc.asyncProperty(graphs, fc.nat(), async (graph, seed) => {
        const scattering = new ScatteringExecutor({ random: randomFrom(seed), keeps, fuses });
        expect(await statesOn(graph, scattering)).toEqual(await statesOn(graph, new LocalExecutor()));
      }),
      { numRuns: 300 },
    );
  });
});
