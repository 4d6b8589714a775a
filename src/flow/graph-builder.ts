import { CloudburstError, InvalidOptionError } from "../base/errors.ts";
import type { ExecutableTask } from "../executors/executor.ts";
import { type Block, type BlockContent, OpenBlock } from "./block.ts";
import type { BuilderScope, NewCall } from "./builder-scope.ts";
import { CallDraft } from "./call-draft.ts";
import { checkGraph } from "./check-graph.ts";
import { edgeInput } from "./edge-input.ts";
import type { DeclaredParameter } from "./flow-parameters.ts";
import type { Edge } from "./flow-scope.ts";
import { FreeParameter, parameterNotRoot } from "./free-parameter.ts";
import type { Graph, GraphNode, NodeInput, ParameterNode } from "./graph.ts";
import { getItem } from "./get-item.ts";
import { Handle, NodeHandle } from "./handle.ts";
import { plainInputOf } from "./inputs.ts";
import { referencedNodes } from "./node-references.ts";
import { preview } from "./preview.ts";
import { slugOf } from "./slug.ts";
import { withTagsAround } from "./tags.ts";
import { isUsableTask } from "./usable-task.ts";

type Draft = CallDraft | ParameterNode;

const NOTHING: NodeInput = { kind: "value", value: undefined };

/** Collects what a builder calls and what is added to a flow, and makes checked graphs of it. */
export class GraphBuilder implements BuilderScope {
  readonly flowName: string;
  readonly #drafts: Draft[] = [];
  readonly #members = new Map<object, number>();
  readonly #slugs = new Set<string>();
  readonly #callsBySlug = new Map<string, number>();
  readonly #taskByName = new Map<string, ExecutableTask>();
  readonly #parameters = new Map<string, DeclaredParameter>();
  readonly #graphs = new WeakSet<Graph>();
  #graph: Graph | undefined;
  #output = NOTHING;
  #references: readonly object[] = [];
  #block: OpenBlock | undefined;

  constructor(flowName: string) {
    this.flowName = flowName;
  }

  /** The parameters declared so far, by name. */
  get parameters(): ReadonlyMap<string, DeclaredParameter> {
    return this.#parameters;
  }

  /**
   * What has been added so far, as a graph.
   *
   * @throws {CloudburstError} `flow_cycle` when tasks wait for each other.
   */
  get graph(): Graph {
    return (this.#graph ??= this.#build());
  }

  /** Makes the graph, so that what is wrong with it is told where it was built. */
  finish(): void {
    this.#graph = this.#build();
  }

  owns(graph: Graph): boolean {
    return this.#graphs.has(graph);
  }

  addParameter(name: string, declared: DeclaredParameter): Handle<unknown> {
    const slug = slugOf(name);
    if (this.#slugs.has(slug)) {
      throw new CloudburstError(
        "duplicate_slug",
        `A task with the slug "${slug}" already exists in this flow. (flow "${this.flowName}": ` +
          `give parameter "${name}" another name, or use the handle that the flow has of it)`,
      );
    }
    this.#parameters.set(name, declared);
    return this.#add({ kind: "parameter", id: this.#drafts.length, name, slug });
  }

  addCall(given: NewCall): Handle<unknown> {
    const call = { ...given, options: { ...given.options, tags: withTagsAround(given.options.tags) } };
    this.#checkBody(call.task);
    this.#begin(this.#block);
    return this.#add(
      new CallDraft(this.#drafts.length, this.#newSlug(call.name ?? call.task.name, call.options.tags), call),
    );
  }

  itemOf<H extends object>(of: H, key: PropertyKey): H {
    const place = { scope: this, what: `the handle whose item ${preview(key)} is taken` };
    const inputs = [plainInputOf(of, place), { kind: "value", value: key } as const];
    const label = `${of instanceof Handle ? of.label : "…"}.get(${preview(key)})`;
    const item = this.addCall({ task: getItem, options: getItem.nodeOptions, inputs, after: [], label });
    return item as object as H; // a handle of another value, as the caller knows
  }

  nodeOf(member: object): number {
    const known = this.#members.get(member);
    if (known !== undefined) return known;
    if (member instanceof FreeParameter) this.addParameter(member.name, member.declared);
    else if (isUsableTask(member)) this.addCall({ task: member, options: member.nodeOptions, inputs: [], after: [] });
    else throw notAMember(this.flowName, member);
    const node = this.#drafts.length - 1; // the last one: a block may have added others before it
    this.#members.set(member, node);
    return node;
  }

  get isMapping(): boolean {
    return this.#block?.mapped !== undefined;
  }

  inputOf(node: number): NodeInput {
    const input: NodeInput = { kind: "node", node };
    return this.#isInside(node, this.#block?.mapped) ? { kind: "each", of: input } : input;
  }

  inBlock<R>(block: Block, body: () => R): R {
    const open = new OpenBlock(block, this.#block);
    this.#block = open;
    try {
      const returned = body();
      if (open.start !== undefined) block.end(this.#contentFrom(open.start));
      return returned;
    } finally {
      this.#block = open.outer;
    }
  }

  ensure(member: object): void {
    this.#nodeNamed(member);
  }

  connect({ upstream, downstream, options }: Edge): void {
    const input = edgeInput(upstream, options, { scope: this, what: "the upstream of an edge", takesTasks: true });
    const draft = this.#drafts[this.#nodeNamed(downstream)];
    if (!(draft instanceof CallDraft)) throw parameterNotRoot(draft?.name ?? "");
    if (this.isMapping && !this.#isInside(draft.id, this.#block?.mapped)) throw outsideOfMap(draft.slug);
    if (options.key === undefined) draft.follow(input);
    else draft.bind(options.key, input);
    this.#graph = undefined;
  }

  /** What the flow gives as its result: handles in it are replaced by values. */
  setOutput(output: NodeInput): void {
    this.#output = output;
    this.#graph = undefined;
  }

  /**
   * What decides the final state: handles, or tasks, of which all calls do; the terminal nodes for an empty list.
   *
   * @throws {InvalidOptionError} for what the flow does not have.
   */
  setReferences(references: readonly object[]): void {
    for (const reference of references) this.#referenceNodes(reference);
    this.#references = references;
    this.#graph = undefined;
  }

  #build(): Graph {
    const nodes = this.#drafts.map((draft) => (draft instanceof CallDraft ? draft.toNode() : draft));
    const references = new Set(this.#references.flatMap((reference) => this.#referenceNodes(reference)));
    const graph: Graph = {
      flowName: this.flowName,
      nodes,
      output: this.#output,
      referenceNodes: references.size > 0 ? [...references].sort((a, b) => a - b) : this.#terminalNodes(nodes),
      ...(this.#members.size === 0 ? {} : { members: new Map(this.#members) }),
    };
    checkGraph(graph);
    this.#graphs.add(graph);
    return graph;
  }

  /** Lets the block, and those around it, add what must be there before the first task inside. */
  #begin(open: OpenBlock | undefined): void {
    if (open === undefined || open.start !== undefined) return;
    this.#begin(open.outer);
    const innermost = this.#block;
    this.#block = open.outer;
    open.block.begin?.();
    this.#block = innermost;
    open.start = this.#drafts.length;
  }

  #isInside(node: number, open: OpenBlock | undefined): boolean {
    return open?.start !== undefined && node >= open.start && this.#drafts[node] instanceof CallDraft;
  }

  #contentFrom(start: number): BlockContent {
    const calls = this.#drafts.slice(start).filter((draft) => draft instanceof CallDraft);
    const upstreams = new Map(calls.map((draft) => [draft.id, referencedNodes(draft.toNode())]));
    const taken = new Set([...upstreams.values()].flat());
    const handles = (drafts: readonly CallDraft[]): Handle<unknown>[] =>
      drafts.map(({ id, slug }) => new NodeHandle(this, id, slug));
    return {
      roots: handles(calls.filter(({ id }) => upstreams.get(id)?.some((upstream) => upstreams.has(upstream)) !== true)),
      leaves: handles(calls.filter(({ id }) => !taken.has(id))),
    };
  }

  /** Without those that clean up: who is followed by nothing else still decides how the flow ends. */
  #terminalNodes(nodes: readonly GraphNode[]): number[] {
    const isUpkeep = ({ id }: GraphNode): boolean => {
      const draft = this.#drafts[id];
      return draft instanceof CallDraft && draft.isUpkeep;
    };
    const deciding = nodes.filter((node) => !isUpkeep(node));
    const upstreams = new Set(deciding.flatMap((node) => referencedNodes(node)));
    return deciding.map((node) => node.id).filter((id) => !upstreams.has(id));
  }

  #add(draft: Draft): Handle<unknown> {
    this.#graph = undefined;
    this.#drafts.push(draft);
    this.#slugs.add(draft.slug);
    return new NodeHandle(this, draft.id, draft.slug);
  }

  #nodeNamed(member: object): number {
    if (!(member instanceof Handle)) return this.nodeOf(member);
    const input = member.inputIn(this, "the downstream of an edge");
    const named = input.kind === "each" ? input.of : input;
    if (named.kind === "node" && (input === named || this.#isInside(named.node, this.#block?.mapped)))
      return named.node;
    return this.nodeOf(member);
  }

  #newSlug(name: string, tags: readonly string[] = []): string {
    const base = slugOf([name, ...tags].join("-"));
    let count = this.#callsBySlug.get(base) ?? 0;
    let slug: string;
    do {
      count += 1;
      slug = `${base}-${String(count)}`;
    } while (this.#slugs.has(slug)); // a parameter may be called `inc-1`
    this.#callsBySlug.set(base, count);
    return slug;
  }

  /** Workers find a task by its name, so that one name must mean one body. */
  #checkBody(task: ExecutableTask): void {
    const known = this.#taskByName.get(task.name) ?? task;
    if (known.run !== task.run) {
      throw new CloudburstError(
        "duplicate_task",
        `two tasks named "${task.name}" with different bodies are used in flow "${this.flowName}": rename one of them` +
          definedIn(known, task),
      );
    }
    this.#taskByName.set(task.name, known);
  }

  #referenceNodes(reference: object): readonly number[] {
    if (reference instanceof Handle) return [this.#nodeNamed(reference)];
    const calls = this.#drafts.filter((draft) => draft instanceof CallDraft && draft.task === reference);
    if (calls.length > 0) return calls.map(({ id }) => id);
    const name = isUsableTask(reference) ? `task "${reference.name}"` : preview(reference);
    throw new InvalidOptionError(
      `referenceTasks of flow "${this.flowName}" names ${name}, which the flow does not call: ` +
        "call it in the builder, or leave it out",
    );
  }
}

function definedIn(one: ExecutableTask, other: ExecutableTask): string {
  if (one.definedIn === other.definedIn) return one.definedIn === undefined ? "" : ` (both are in ${one.definedIn})`;
  return [one, other].map(({ definedIn: path }) => (path === undefined ? "" : ` (one is in ${path})`)).join("");
}

function outsideOfMap(slug: string): CloudburstError {
  return new CloudburstError(
    "nested_map",
    `"${slug}" gets a dependency inside a function given to applyMap, and was made outside of it: ` +
      "add the dependency after applyMap has returned",
  );
}

function notAMember(flowName: string, given: object): CloudburstError {
  return new CloudburstError(
    "not_a_task",
    `flow "${flowName}" cannot take ${preview(given)} for a task: give a task, a handle or a parameter`,
  );
}
