import { CloudburstError } from "../base/errors.ts";
import type { NewCall } from "./builder-scope.ts";
import type { NodeInput, TaskNode } from "./graph.ts";
import { eachInputs, holdsEach, nodesIn } from "./node-references.ts";
import { propertyNames } from "./parameter-names.ts";
import type { UsableTask } from "./usable-task.ts";

/** A node of a task while its flow is still open: edges may be added to it. */
export class CallDraft {
  readonly id: number;
  readonly slug: string;
  readonly #call: NewCall;
  readonly #after: Set<number>;
  readonly #byKey = new Map<string, NodeInput>();
  readonly #follows: NodeInput[];

  constructor(id: number, slug: string, call: NewCall) {
    this.id = id;
    this.slug = slug;
    this.#call = call;
    this.#after = new Set(call.after);
    this.#follows = [...(call.follows ?? [])];
  }

  get task(): UsableTask {
    return this.#call.task;
  }

  get name(): string {
    return this.#call.label ?? this.#call.name ?? this.#call.task.name;
  }

  get isUpkeep(): boolean {
    return this.#call.isUpkeep === true;
  }

  /**
   * @throws {CloudburstError} `bad_key` when the body takes no such property, `argument_taken` when something is bound to
   *   the key already.
   */
  bind(key: string, input: NodeInput): void {
    this.#checkKey(key);
    if (this.#byKey.has(key) || this.#call.inputs.length > 0) {
      throw new CloudburstError(
        "argument_taken",
        `Argument "${key}" for task "${this.name}" has already been assigned in this flow. (node "${this.slug}": ` +
          "bind each key once; to use the task again with other arguments, make another one of it)",
        { data: { task: this.name, key } },
      );
    }
    this.#byKey.set(key, input);
  }

  /** Waits for the nodes of `input`, and where that is mapped, runs once for each element. */
  follow(input: NodeInput): void {
    const each = eachInputs(input);
    const known = [...this.#arguments(), ...this.#follows].flatMap(eachInputs);
    if (each.some((part) => !known.includes(part))) this.#follows.push(input);
    if (each.length === 0) for (const node of nodesIn(input)) this.#after.add(node);
  }

  toNode(): TaskNode {
    const inputs = this.#arguments();
    const { task, options, awaits = [] } = this.#call;
    const follows = [...this.#follows];
    return {
      ...options,
      kind: "task",
      id: this.id,
      name: this.name,
      slug: this.slug,
      task,
      inputs,
      after: [...this.#after],
      ...(follows.length > 0 && { follows }),
      ...(awaits.length > 0 && { awaits }),
      mapped: [...inputs, ...follows].some(holdsEach),
    };
  }

  #checkKey(key: string): void {
    const known = propertyNames(this.task.run);
    if (known === undefined || known.includes(key)) return;
    throw new CloudburstError(
      "bad_key",
      `task "${this.name}" takes no argument "${key}" (node "${this.slug}"): the object argument of its body has ` +
        (known.length === 0 ? "no properties" : `the properties ${known.join(", ")}`),
      { data: { task: this.name, key, known } },
    );
  }

  #arguments(): readonly NodeInput[] {
    if (this.#byKey.size > 0) return [{ kind: "record", entries: [...this.#byKey] }];
    return this.#call.inputs;
  }
}
