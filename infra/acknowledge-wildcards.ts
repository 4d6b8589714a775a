/** Tells cdk-nag why a policy's resource ends in a star, one by one: a star that is not told still fails. */
import { Stack, Validations } from "aws-cdk-lib";
import type { Construct } from "constructs";

/** @param reasons resource, as the policy has it, and why no narrower one can stand there */
export function acknowledgeWildcards(scope: Construct, reasons: Readonly<Record<string, string>>): void {
  for (const [resource, reason] of Object.entries(reasons)) {
    const id = `AwsSolutions-IAM5[Resource::${spelled(Stack.of(scope).resolve(resource))}]`;
    Validations.of(scope).acknowledge({ id, reason });
  }
}

/** As cdk-nag spells what CloudFormation fills in: `<AWS::Region>`, `<Bucket.Arn>`. */
function spelled(resolved: unknown): string {
  if (typeof resolved === "string") return resolved;
  if (Array.isArray(resolved)) return resolved.map(spelled).join("");
  if (typeof resolved !== "object" || resolved === null) return String(resolved);
  const [kind, operand] = Object.entries(resolved)[0] ?? [];
  if (kind === "Fn::Join" && Array.isArray(operand)) return spelled(operand[1]);
  return `<${Array.isArray(operand) ? operand.join(".") : String(operand)}>`;
}
