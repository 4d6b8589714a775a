import { CloudburstError, InvalidOptionError } from "../base/errors.ts";
import type { ExecutableTask } from "../executors/executor.ts";
import { checkGraph } from "./check-graph.ts";
import type { DeclaredParameter } from "./flow-parameters.ts";
import type { Graph, GraphNode, NodeInput, TaskNode } from "./graph.ts";
import { Handle, type FlowScope } from "./handle.ts";
import { referencedNodes } from "./node-references.ts";
import { slugOf } from "./slug.ts";

/** One call of a task, as `addCall` takes it. */
export type NewCall = Pick<TaskNode, "task" | "inputs" | "after" | "mapped" | "trigger" | "skipOnUpstreamSkip">;

/** Collects what a builder calls, and makes a checked graph of it. */
export class GraphBuilder implements FlowScope {
  readonly flowName: string;
  readonly #nodes: GraphNode[] = [];
  readonly #slugs = new Set<string>();
  readonly #callsByName = new Map<string, number>();
  readonly #taskByName = new Map<string, ExecutableTask>();
  readonly #parameters = new Map<string, DeclaredParameter>();
  #graph: Graph | undefined;

  constructor(flowName: string) {
    this.flowName = flowName;
  }

  get graph(): Graph | undefined {
    return this.#graph;
  }

  /** The parameters declared so far, by name. */
  get parameters(): ReadonlyMap<string, DeclaredParameter> {
    return this.#parameters;
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
    return this.#add({ kind: "parameter", id: this.#nodes.length, name, slug });
  }

  addCall(call: NewCall): Handle<unknown> {
    const { name } = call.task;
    this.#checkBody(call.task);
    return this.#add({ kind: "task", id: this.#nodes.length, name, slug: this.#newSlug(name), ...call });
  }

  /** Ends the building: `output` is what the builder returned, `referenceTasks` decide the final state. */
  finish(output: NodeInput, referenceTasks: readonly ExecutableTask[]): Graph {
    const referenceNodes = referenceTasks.length > 0 ? this.#callsOf(referenceTasks) : this.#terminalNodes();
    const graph: Graph = { flowName: this.flowName, nodes: this.#nodes, output, referenceNodes };
    checkGraph(graph);
    this.#graph = graph;
    return graph;
  }

  #add(node: GraphNode): Handle<unknown> {
    this.#nodes.push(node);
    this.#slugs.add(node.slug);
    return new Handle(this, node.id, node.slug);
  }

  #newSlug(name: string): string {
    const base = slugOf(name);
    let count = this.#callsByName.get(name) ?? 0;
    let slug: string;
    do {
      count += 1;
      slug = `${base}-${String(count)}`;
    } while (this.#slugs.has(slug)); // a parameter may be called `inc-1`
    this.#callsByName.set(name, count);
    return slug;
  }

  /** Workers find a task by its name, so that one name must mean one body. */
  #checkBody(task: ExecutableTask): void {
    const known = this.#taskByName.get(task.name) ?? task;
    if (known.run !== task.run) {
      throw new CloudburstError(
        "duplicate_task",
        `two tasks named "${task.name}" with different bodies are used in flow "${this.flowName}": rename one of them` +
          `${definedIn(known)}${definedIn(task)}`,
      );
    }
    this.#taskByName.set(task.name, known);
  }

  #callsOf(tasks: readonly ExecutableTask[]): number[] {
    const called = this.#nodes.filter((node) => node.kind === "task");
    const stranger = tasks.find((task) => !called.some((node) => node.task === task));
    if (stranger === undefined) return called.filter((node) => tasks.includes(node.task)).map((node) => node.id);
    throw new InvalidOptionError(
      `referenceTasks of flow "${this.flowName}" names task "${stranger.name}", which the flow does not call: ` +
        "call it in the builder, or leave it out",
    );
  }

  #terminalNodes(): number[] {
    const upstreams = new Set(this.#nodes.flatMap((node) => referencedNodes(node)));
    return this.#nodes.map((node) => node.id).filter((id) => !upstreams.has(id));
  }
}

function definedIn(task: ExecutableTask): string {
  return task.definedIn === undefined ? "" : ` (one is in ${task.definedIn})`;
}
