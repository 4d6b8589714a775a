import type { Clock } from "../../base/clock.ts";
import { lastPart } from "./ecs-arns.ts";
import type { EcsArns } from "./ecs-arns.ts";
import { clientException, invalidParameter } from "./ecs-errors.ts";
import type { ParsedDefinition, TaskDefinition } from "./task-definition.ts";

/** Families and their revisions, numbered from 1 and never again. */
export class TaskDefinitions {
  readonly #arns: EcsArns;
  readonly #clock: Clock;
  readonly #families = new Map<string, TaskDefinition[]>();
  readonly #deleted = new Set<TaskDefinition>();

  constructor(arns: EcsArns, clock: Clock) {
    this.#arns = arns;
    this.#clock = clock;
  }

  register(parsed: ParsedDefinition, tags: Map<string, string>): TaskDefinition {
    const revisions = this.#families.get(parsed.family) ?? [];
    const revision = revisions.length + 1;
    const arn = this.#arns.taskDefinition(parsed.family, revision);
    const registeredAt = this.#clock.now();
    const definition = { ...parsed, arn, revision, tags, registeredAt, deregisteredAt: undefined };
    this.#families.set(parsed.family, [...revisions, definition]);
    return definition;
  }

  /** By ARN, `family:revision`, or family (its latest active revision). */
  find(reference: string): TaskDefinition | undefined {
    const [family = "", revision] = lastPart(reference).split(":");
    const revisions = this.#families.get(family) ?? [];
    if (revision === undefined) return revisions.findLast((definition) => definition.deregisteredAt === undefined);
    const definition = revisions[Number(revision) - 1];
    if (definition !== undefined && this.#deleted.has(definition)) return undefined;
    return reference.startsWith("arn:") && definition?.arn !== reference ? undefined : definition;
  }

  /** The definition to run; throws when there is none or it is inactive. */
  getActive(reference: string): TaskDefinition {
    const definition = this.find(reference);
    if (definition === undefined) throw clientException("TaskDefinition not found.");
    if (definition.deregisteredAt !== undefined) throw clientException("TaskDefinition is inactive");
    return definition;
  }

  /** Needs a revision, so that no one ends a family's latest by mistake. */
  deregister(reference: string): TaskDefinition {
    if (!lastPart(reference).includes(":")) throw invalidParameter("Invalid revision number. Number: null");
    const definition = this.find(reference);
    if (definition === undefined) throw clientException("The specified task definition does not exist.");
    definition.deregisteredAt ??= this.#clock.now();
    return definition;
  }

  /** Takes a revision out of sight that was deregistered before; its number is not given again. */
  delete(reference: string): TaskDefinition {
    const definition = this.find(reference);
    if (definition === undefined) throw clientException("The specified task definition does not exist.");
    if (definition.deregisteredAt === undefined) {
      throw clientException(
        "The specified task definition is still in ACTIVE status. Please deregister the target and try again.",
      );
    }
    this.#deleted.add(definition);
    return definition;
  }

  /** Families whose names begin so and that have a revision of the status. */
  families(prefix: string, status: string): readonly string[] {
    const active = new Set(this.list(prefix, "ACTIVE").map(({ family }) => family));
    const inactive = this.list(prefix, "INACTIVE").map(({ family }) => family);
    const all = [...new Set([...active, ...inactive])].sort();
    return status === "ALL" ? all : all.filter((family) => active.has(family) === (status === "ACTIVE"));
  }

  /** By family, then revision. */
  list(familyPrefix: string, status: "ACTIVE" | "INACTIVE"): readonly TaskDefinition[] {
    const families = [...this.#families.keys()].filter((family) => family.startsWith(familyPrefix)).sort();
    return families
      .flatMap((family) => this.#families.get(family) ?? [])
      .filter((definition) => !this.#deleted.has(definition))
      .filter((definition) => (definition.deregisteredAt === undefined) === (status === "ACTIVE"));
  }
}
