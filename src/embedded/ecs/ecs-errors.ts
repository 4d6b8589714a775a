/** ECS's refusals, by the names that ECS uses. */

import { AwsError } from "../aws-error.ts";

/** The action cannot be done with what was given. */
export function clientException(message: string): AwsError {
  return new AwsError("ClientException", message);
}

/** A parameter has a value that ECS does not take. */
export function invalidParameter(message: string): AwsError {
  return new AwsError("InvalidParameterException", message);
}

export function clusterNotFound(): AwsError {
  return new AwsError("ClusterNotFoundException", "Cluster not found.");
}

export function clusterContainsTasks(): AwsError {
  return new AwsError("ClusterContainsTasksException", "The Cluster cannot be deleted while Tasks are active.");
}

/** A client token came again with other parameters. */
export function tokenConflict(taskArns: readonly string[]): AwsError {
  return new AwsError("ConflictException", "The clientToken is already in use with a different RunTask request.", {
    members: { resourceIds: taskArns },
  });
}
