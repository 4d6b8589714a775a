import { randomBytes } from "node:crypto";

/** Makes and reads the ARNs of one account and region. */
export interface EcsArns {
  cluster(name: string): string;
  taskDefinition(family: string, revision: number): string;
  task(clusterName: string, taskId: string): string;
  container(clusterName: string, taskId: string): string;
}

export function createEcsArns(region: string, accountId: string): EcsArns {
  const prefix = `arn:aws:ecs:${region}:${accountId}`;
  return {
    cluster: (name) => `${prefix}:cluster/${name}`,
    taskDefinition: (family, revision) => `${prefix}:task-definition/${family}:${revision}`,
    task: (clusterName, taskId) => `${prefix}:task/${clusterName}/${taskId}`,
    container: (clusterName, taskId) => `${prefix}:container/${clusterName}/${taskId}/${randomHex()}`,
  };
}

/** Ids of tasks and containers: 32 hexadecimal digits. */
export function randomHex(): string {
  return randomBytes(16).toString("hex");
}

/** The last part of an ARN, or the name itself where a name was given in its place. */
export function lastPart(arnOrName: string): string {
  return arnOrName.slice(arnOrName.lastIndexOf("/") + 1);
}
