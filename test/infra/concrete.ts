/** Puts values where a template leaves them to CloudFormation, so that policies can be read and asked. */
import type { Template } from "aws-cdk-lib/assertions";
import { resourcesOf } from "./synthesize.ts";

const pseudo: Readonly<Record<string, string>> = {
  "AWS::Partition": "aws",
  "AWS::Region": "eu-central-1",
  "AWS::AccountId": "123456789012",
  "AWS::URLSuffix": "amazonaws.com",
  "AWS::StackName": "Cloudburst",
};

/** Physical names: readable ones for what policies speak of, logical ids for the rest. */
const names: readonly (readonly [RegExp, string])[] = [
  [/StorageBucket/, "the-bucket"],
  [/SharedTasks/, "the-shared-queue"],
  [/SharedDeadLetters/, "the-dead-letters"],
  [/RolesWorker/, "the-worker-role"],
  [/RolesExecution/, "the-execution-role"],
  [/StorageLogs/, "the-log-group"],
];

const arnShapes: Readonly<Record<string, (name: string) => string>> = {
  "AWS::S3::Bucket": (name) => `arn:aws:s3:::${name}`,
  "AWS::SQS::Queue": (name) => `arn:aws:sqs:eu-central-1:123456789012:${name}`,
  "AWS::IAM::Role": (name) => `arn:aws:iam::123456789012:role/${name}`,
  "AWS::Logs::LogGroup": (name) => `arn:aws:logs:eu-central-1:123456789012:log-group:${name}:*`,
};

/** Resolves Ref, Fn::GetAtt Arn, Fn::Join and Fn::Sub in a part of the template. */
export function concrete(template: Template, value: unknown): unknown {
  const types = new Map(resourcesOf(template).map(({ id, Type }) => [id, Type]));
  const nameOf = (id: string): string => pseudo[id] ?? names.find(([pattern]) => pattern.test(id))?.[1] ?? id;
  const attribute = (id: string, wanted: string): string => {
    const shape = arnShapes[types.get(id) ?? ""];
    return wanted === "Arn" && shape !== undefined ? shape(nameOf(id)) : `${nameOf(id)}.${wanted}`;
  };
  const substitute = (text: string): string => text.replace(/\$\{([^}]+)\}/g, (_, id: string) => nameOf(id));
  const resolve = (part: unknown): unknown => {
    if (Array.isArray(part)) return part.map(resolve);
    if (typeof part !== "object" || part === null) return part;
    const [key, operand] = Object.entries(part)[0] ?? [];
    if (key === "Ref") return nameOf(String(operand));
    if (key === "Fn::GetAtt" && Array.isArray(operand)) return attribute(String(operand[0]), String(operand[1]));
    if (key === "Fn::Sub") return substitute(String(operand));
    if (key === "Fn::Join" && Array.isArray(operand))
      return (resolve(operand[1]) as unknown[]).join(String(operand[0]));
    return Object.fromEntries(Object.entries(part).map(([name, inner]) => [name, resolve(inner)]));
  };
  return resolve(value);
}
