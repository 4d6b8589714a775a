/** What Fargate's agent may do before and beside the container: pull the image, write the log, read named secrets. */
import { PolicyStatement } from "aws-cdk-lib/aws-iam";

export interface ExecutionPolicyResources {
  /** ARN of the log group, `:*` at its end. */
  readonly logStreams: string;
  readonly repositories: readonly string[];
  /** ARNs of Secrets Manager secrets and of Systems Manager parameters. */
  readonly secrets: readonly string[];
}

export function executionStatements({
  logStreams,
  repositories,
  secrets,
}: ExecutionPolicyResources): PolicyStatement[] {
  return [
    new PolicyStatement({
      sid: "WriteLog",
      actions: ["logs:CreateLogStream", "logs:PutLogEvents"],
      resources: [logStreams],
    }),
    ...pullStatements(repositories),
    ...secretStatements(secrets),
  ];
}

function pullStatements(repositories: readonly string[]): PolicyStatement[] {
  if (repositories.length === 0) return [];
  return [
    // The token's action knows no resource; what it opens is limited by the next statement.
    new PolicyStatement({ sid: "RegistryToken", actions: ["ecr:GetAuthorizationToken"], resources: ["*"] }),
    new PolicyStatement({
      sid: "PullImage",
      actions: ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
      resources: [...repositories],
    }),
  ];
}

function secretStatements(secrets: readonly string[]): PolicyStatement[] {
  const inService = (service: string): string[] => secrets.filter((arn) => arn.split(":")[2] === service);
  const statements = [
    { sid: "ReadSecrets", actions: ["secretsmanager:GetSecretValue"], resources: inService("secretsmanager") },
    { sid: "ReadParameters", actions: ["ssm:GetParameters"], resources: inService("ssm") },
  ];
  return statements.filter(({ resources }) => resources.length > 0).map((statement) => new PolicyStatement(statement));
}
