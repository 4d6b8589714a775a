/** As much of IAM as the stack's policies use: may this statement list do this, to this resource, under these conditions? */
import type { Template } from "aws-cdk-lib/assertions";
import { concrete } from "./concrete.ts";
import { type Properties, resourcesOf } from "./synthesize.ts";

export interface Statement {
  readonly Sid: string;
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource: string | readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

export type Identity = "worker" | "execution" | "driver";

interface PolicyDocument {
  readonly Statement: readonly Statement[];
}

export function statementsOf(template: Template, identity: Identity): readonly Statement[] {
  if (identity === "driver") return document(template, managedPolicy(template)["PolicyDocument"]).Statement;
  const [policy] = role(template, identity)["Policies"] as readonly Properties[];
  return document(template, policy?.["PolicyDocument"]).Statement;
}

export function role(template: Template, identity: Identity): Properties {
  const marks = { worker: "RolesWorker", execution: "RolesExecution", driver: "RolesDriver" };
  const found = resourcesOf(template, "AWS::IAM::Role").find(({ id }) => id.includes(marks[identity]));
  if (found === undefined) throw new Error(`the template has no ${identity} role`);
  return found.Properties;
}

function managedPolicy(template: Template): Properties {
  const [policy] = resourcesOf(template, "AWS::IAM::ManagedPolicy");
  if (policy === undefined) throw new Error("the template has no managed policy");
  return policy.Properties;
}

function document(template: Template, policy: unknown): PolicyDocument {
  return concrete(template, policy) as PolicyDocument;
}

export const listed = (value: string | readonly string[]): readonly string[] =>
  typeof value === "string" ? [value] : value;

/** @param keys condition keys of the request; one that is missing is absent, as in IAM */
export function allows(
  statements: readonly Statement[],
  action: string,
  resource: string,
  keys: Readonly<Record<string, string>> = {},
): boolean {
  return statements.some(
    (statement) =>
      statement.Effect === "Allow" &&
      listed(statement.Action).includes(action) &&
      listed(statement.Resource).some((pattern) => matches(pattern, resource)) &&
      meets(statement, keys),
  );
}

function meets({ Condition = {} }: Statement, keys: Readonly<Record<string, string>>): boolean {
  return Object.entries(Condition).every(([operator, wanted]) =>
    Object.entries(wanted).every(([key, values]) => {
      const given = keys[key];
      // A negated operator holds for a key that the request does not have, every other one fails.
      if (operator.startsWith("StringNot")) return given === undefined || !listed(values).includes(given);
      return given !== undefined && listed(values).some((value) => matches(value, given));
    }),
  );
}

function matches(pattern: string, value: string): boolean {
  const escaped = pattern.replace(/[.+^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`^${escaped.replace(/\*/g, ".*").replace(/\?/g, ".")}$`).test(value);
}
