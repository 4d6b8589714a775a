import type { Clock } from "../../base/clock.ts";
import { AwsError } from "../aws-error.ts";
import { createAwsQueryService, xmlText } from "../aws-query.ts";
import type { EmbeddedStack } from "../cloud.ts";
import type { Service } from "../service.ts";

export interface CloudFormationServiceOptions {
  readonly region: string;
  readonly accountId: string;
  readonly clock: Clock;
  readonly stacks: readonly EmbeddedStack[];
}

/** CloudFormation as far as drivers ask it: what a stack's outputs are. It deploys nothing. */
export function createCloudFormationService(options: CloudFormationServiceOptions): Service {
  const createdAt = new Date(options.clock.now()).toISOString();
  return createAwsQueryService({
    name: "cloudformation",
    namespace: "http://cloudformation.amazonaws.com/doc/2010-05-15/",
    operations: {
      DescribeStacks: (input) => {
        const asked = input.get("StackName");
        const found = options.stacks.filter(({ name }) => asked === null || nameOf(asked) === name);
        if (asked !== null && found.length === 0) {
          throw new AwsError("ValidationError", `Stack with id ${asked} does not exist`, { modelled: false });
        }
        return `<Stacks>${found.map((stack) => describe(stack, options, createdAt)).join("")}</Stacks>`;
      },
    },
  });
}

/** A stack is asked for by name or by ARN. */
function nameOf(asked: string): string {
  return asked.startsWith("arn:") ? (asked.split("/")[1] ?? asked) : asked;
}

function describe(
  stack: EmbeddedStack,
  { region, accountId }: CloudFormationServiceOptions,
  createdAt: string,
): string {
  const outputs = Object.entries(stack.outputs).map(
    ([key, value]) =>
      `<member><OutputKey>${xmlText(key)}</OutputKey><OutputValue>${xmlText(value)}</OutputValue></member>`,
  );
  return [
    "<member>",
    `<StackId>arn:aws:cloudformation:${region}:${accountId}:stack/${stack.name}/00000000-0000-4000-8000-000000000000</StackId>`,
    `<StackName>${stack.name}</StackName>`,
    `<CreationTime>${createdAt}</CreationTime>`,
    `<StackStatus>${stack.status ?? "CREATE_COMPLETE"}</StackStatus>`,
    `<Outputs>${outputs.join("")}</Outputs>`,
    "</member>",
  ].join("");
}
