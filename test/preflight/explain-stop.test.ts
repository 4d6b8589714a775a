import { expect, it } from "vitest";
import { explainStop, stopKind } from "../../src/cluster/preflight/explain-stop.ts";
import { launchFaults, startFaults } from "../../src/embedded/failures.ts";

const image = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/worker:1";

/** As the fleet tells it: the task's reason, the container's, the exit code. */
function told({ reason, ...fault }: { reason: string; containerReason?: string; exitCode?: number }): string {
  const exit = fault.exitCode === undefined ? undefined : `exit code ${fault.exitCode}`;
  return [reason, fault.containerReason, exit].filter((part) => part !== undefined).join(": ");
}

it.each([
  ["image-missing", told(startFaults.imageMissing(image)), /does not exist: check its repository and tag/],
  ["image-denied", told(startFaults.imageDenied(image)), /may not be pulled.*imageRepositories=/],
  [
    "image-unreachable",
    told(startFaults.registryUnreachable(image)),
    /reach the registry: the subnets have no route out/,
  ],
  ["architecture", told(startFaults.platformMissing("linux/arm64")), /not built for the workers' architecture/],
  ["architecture", told(startFaults.wrongArchitecture), /not built for the workers' architecture/],
  ["no-route", told(startFaults.noRoute("eu-west-1")), /internet gateway.*or else a NAT gateway/],
  ["no-addresses", told(startFaults.noAddresses("subnet-1")), /no free addresses: name more or larger subnets/],
  ["out-of-memory", told(startFaults.outOfMemory), /more memory/],
  ["no-capacity", told(launchFaults.noCapacity), /use FARGATE, or a mix/],
  ["no-capacity", "Your Spot Task was interrupted.: exit code 143", /use FARGATE, or a mix/],
  [
    "role-denied",
    "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to retrieve ecr registry auth: service call has been retried 1 time(s): AccessDeniedException: User: arn:aws:sts::1:assumed-role/x/y is not authorized to perform: ecr:GetAuthorizationToken on resource: *",
    /execution role must be allowed/,
  ],
  [
    "log-group-missing",
    "ResourceInitializationError: failed to validate logger args: create stream has been retried 1 times: failed to create Cloudwatch log stream: ResourceNotFoundException: The specified log group does not exist.",
    /create the log group/,
  ],
  [
    "secret-missing",
    "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to retrieve secret from asm: service call has been retried 1 time(s): failed to fetch secret arn:aws:secretsmanager:eu-west-1:1:secret:x from secrets manager: ResourceNotFoundException: Secrets Manager can't find the specified secret.",
    /check the ARNs of `secrets`/,
  ],
  [
    "pull-limit",
    "CannotPullContainerError: inspect image has been retried 5 time(s): toomanyrequests: You have reached your pull rate limit",
    /copy the image into ECR/,
  ],
  [
    "image-too-large",
    "CannotPullContainerError: ref pull has been retried 1 time(s): failed to extract layer: write /x: no space left on device",
    /ephemeralStorageGiB/,
  ],
  [
    "no-worker-in-image",
    'CannotStartContainerError: exec: "node": executable file not found in $PATH',
    /no worker at its entry/,
  ],
])("ECS's reason is explained as %s", (kind, reason, remedy) => {
  expect(stopKind(reason)).toBe(kind);
  const explained = explainStop(reason);
  expect(explained.startsWith(`${reason} (`)).toBe(true); // ECS's own words are never lost
  expect(explained).toMatch(remedy);
});

it("what is known of the workers makes the remedy precise", () => {
  const context = { image, architecture: "ARM64" as const, subnets: ["subnet-1"], assignPublicIp: false };
  expect(explainStop(told(startFaults.wrongArchitecture), context)).toContain(
    `the image ${image} is not built for ARM64: build it with \`docker build --platform linux/arm64\`, or set architecture: "X86_64"`,
  );
  expect(explainStop(told(startFaults.noRoute("eu-west-1")), context)).toMatch(
    /the subnets subnet-1 .*endpoints for ECR/,
  );
});

it("of a worker that had started only what may end one is explained", () => {
  const told137 = told(startFaults.outOfMemory);
  expect(explainStop(told137, { hadStarted: true })).toBe(`${told137} (give the workers more memory)`);
  for (const reason of [told(launchFaults.noCapacity), told(startFaults.wrongArchitecture)]) {
    expect(explainStop(reason, { hadStarted: true })).toBe(reason);
  }
});

it("a reason that is nobody's configuration stays as it is", () => {
  const reason = "Essential container in task exited: exit code 1";
  expect(explainStop(reason)).toBe(reason);
});
