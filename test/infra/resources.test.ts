import { Match, type Template } from "aws-cdk-lib/assertions";
import { beforeAll, describe, expect, test } from "vitest";
import { stackOutputs } from "../../src/cluster/stack-outputs.ts";
import { workerEnvironment } from "../../src/wire/worker-environment.ts";
import { only, patienceMs, resourcesOf, synthesize } from "./synthesize.ts";

let template: Template;
beforeAll(() => {
  template = synthesize();
}, patienceMs);

describe("the stack", () => {
  test("has these resources and no others: no NAT gateway, no Lambda function, no key, no load balancer", () => {
    const counts: Record<string, number> = {};
    for (const { Type } of resourcesOf(template)) counts[Type] = (counts[Type] ?? 0) + 1;
    expect(counts).toEqual({
      "AWS::ApplicationAutoScaling::ScalableTarget": 1,
      "AWS::ApplicationAutoScaling::ScalingPolicy": 3,
      "AWS::CloudWatch::Alarm": 3,
      "AWS::EC2::InternetGateway": 1,
      "AWS::EC2::Route": 2,
      "AWS::EC2::RouteTable": 2,
      "AWS::EC2::SecurityGroup": 1,
      "AWS::EC2::Subnet": 2,
      "AWS::EC2::SubnetRouteTableAssociation": 2,
      "AWS::EC2::VPC": 1,
      "AWS::EC2::VPCEndpoint": 1,
      "AWS::EC2::VPCGatewayAttachment": 1,
      "AWS::ECS::Cluster": 1,
      "AWS::ECS::Service": 1,
      "AWS::ECS::TaskDefinition": 2,
      "AWS::IAM::ManagedPolicy": 1,
      "AWS::IAM::Role": 3,
      "AWS::Logs::LogGroup": 1,
      "AWS::S3::Bucket": 1,
      "AWS::S3::BucketPolicy": 1,
      "AWS::SQS::Queue": 2,
      "AWS::SQS::QueuePolicy": 2,
    });
  });

  test("keeps the ids of what holds data, since another id would make CloudFormation replace it", () => {
    const ids = new Set(resourcesOf(template).map(({ id }) => id));
    const lasting = [
      "ClusterNetworkVpcC6C4EC94",
      "ClusterNetworkWorkers236E2629",
      "ClusterStorageBucket5F0E4808",
      "ClusterStorageLogs7FB72BE5",
      "ClusterSharedTasksB9CD816D",
      "ClusterSharedDeadLetters1DC53789",
      "ClusterRolesWorkerCFFD9398",
      "ClusterRolesExecution7675A19C",
      "ClusterRolesDriver2CD25D89",
      "ClusterComputeClusterDF334034",
      "ClusterSharedService99CDD723",
    ];
    expect(lasting.filter((id) => !ids.has(id))).toEqual([]);
  });

  test("leaves nothing behind when it is destroyed", () => {
    const kept = resourcesOf(template).filter(({ DeletionPolicy = "Delete" }) => DeletionPolicy !== "Delete");
    expect(kept).toEqual([]);
    for (const type of ["AWS::S3::Bucket", "AWS::Logs::LogGroup"]) {
      template.hasResource(type, { DeletionPolicy: "Delete", UpdateReplacePolicy: "Delete" });
    }
  });

  test("names neither account nor region", () => {
    const text = JSON.stringify(template.toJSON());
    expect(text.match(/\b\d{12}\b/g)).toBeNull();
    expect(text.match(/\b[a-z]{2}-[a-z]+-\d\b/g)).toBeNull();
  });

  test("fits into a request, so that it can be deployed without a bucket for templates", () => {
    expect(JSON.stringify(template.toJSON()).length).toBeLessThan(51_200);
  });

  test("tells everything that a driver asks for, by names that do not depend on where the cluster stands", () => {
    const outputs = (template.toJSON() as { Outputs: Record<string, unknown> }).Outputs;
    const always = Object.values(stackOutputs).filter((output) => output !== stackOutputs.kmsKeyArn);
    expect(Object.keys(outputs).sort()).toEqual(always.sort());
    template.hasOutput("CloudburstEcsCluster", { Value: "Cloudburst" });
    template.hasOutput("CloudburstTaskDefinitionFamily", { Value: "Cloudburst-worker" });
    template.hasOutput("CloudburstAssignPublicIp", { Value: "ENABLED" });
    template.hasOutput("CloudburstArchitecture", { Value: "ARM64" });
  });
});

describe("the network", () => {
  test("has two public subnets of 4,091 addresses that give no address by themselves", () => {
    const subnets = resourcesOf(template, "AWS::EC2::Subnet").map(({ Properties }) => Properties);
    expect(subnets.map(({ CidrBlock }) => CidrBlock)).toEqual(["10.0.0.0/20", "10.0.16.0/20"]);
    expect(subnets.map(({ MapPublicIpOnLaunch }) => MapPublicIpOnLaunch)).toEqual([false, false]);
  });

  test("reaches S3 by a gateway endpoint on every route table", () => {
    const { VpcEndpointType, RouteTableIds } = only(template, "AWS::EC2::VPCEndpoint");
    expect(VpcEndpointType).toBe("Gateway");
    expect(RouteTableIds).toEqual(resourcesOf(template, "AWS::EC2::RouteTable").map(({ id }) => ({ Ref: id })));
  });

  test("lets workers call out and nothing call in", () => {
    const { SecurityGroupIngress, SecurityGroupEgress } = only(template, "AWS::EC2::SecurityGroup");
    expect(SecurityGroupIngress).toBeUndefined();
    expect(SecurityGroupEgress).toEqual([expect.objectContaining({ CidrIp: "0.0.0.0/0", IpProtocol: "-1" })]);
    expect(resourcesOf(template, "AWS::EC2::SecurityGroupIngress")).toEqual([]);
  });
});

describe("the bucket", () => {
  test("is closed to the public, encrypted, and deaf to plain HTTP", () => {
    template.hasResourceProperties("AWS::S3::Bucket", {
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: "AES256" } }],
      },
      OwnershipControls: { Rules: [{ ObjectOwnership: "BucketOwnerEnforced" }] },
    });
    template.hasResourceProperties("AWS::S3::BucketPolicy", {
      PolicyDocument: {
        Statement: [
          Match.objectLike({
            Action: "s3:*",
            Effect: "Deny",
            Principal: { AWS: "*" },
            Condition: { Bool: { "aws:SecureTransport": "false" } },
          }),
        ],
      },
    });
  });

  test("forgets runs after a week, code after a month, and parts of broken uploads after a day", () => {
    const { LifecycleConfiguration } = only(template, "AWS::S3::Bucket");
    expect(LifecycleConfiguration).toEqual({
      Rules: [
        { Id: "runs", Prefix: "runs/", ExpirationInDays: 7, Status: "Enabled" },
        { Id: "code", Prefix: "code/", ExpirationInDays: 30, Status: "Enabled" },
        { Id: "multipart-leftovers", AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 }, Status: "Enabled" },
      ],
    });
  });
});

test("the log group forgets after a week", () => {
  template.hasResourceProperties("AWS::Logs::LogGroup", { RetentionInDays: 7 });
});

test("the ECS cluster knows Fargate and Fargate Spot, and uses Spot for nobody who did not ask", () => {
  template.hasResourceProperties("AWS::ECS::Cluster", {
    ClusterName: "Cloudburst",
    CapacityProviders: ["FARGATE", "FARGATE_SPOT"],
    DefaultCapacityProviderStrategy: [{ CapacityProvider: "FARGATE", Weight: 1 }],
    ClusterSettings: [{ Name: "containerInsights", Value: "disabled" }],
  });
});

describe("both task definitions", () => {
  const definitions = () => resourcesOf(template, "AWS::ECS::TaskDefinition").map(({ Properties }) => Properties);
  const containers = () => definitions().flatMap((definition) => definition["ContainerDefinitions"] as unknown[]);

  test("are of families that begin with the cluster's name", () => {
    expect(definitions().map(({ Family }) => Family)).toEqual(["Cloudburst-worker", "Cloudburst-shared"]);
  });

  test("are of a size that Fargate has, on ARM64", () => {
    for (const definition of definitions()) {
      expect(definition).toMatchObject({
        Cpu: "1024",
        Memory: "2048",
        NetworkMode: "awsvpc",
        RequiresCompatibilities: ["FARGATE"],
        RuntimePlatform: { CpuArchitecture: "ARM64", OperatingSystemFamily: "LINUX" },
      });
    }
  });

  test("run one container as a user without rights on a read-only root, with 120 s to stop", () => {
    expect(containers()).toHaveLength(2);
    for (const container of containers()) {
      expect(container).toMatchObject({
        Name: "worker",
        Essential: true,
        Memory: 2048,
        User: "1000:1000",
        ReadonlyRootFilesystem: true,
        StopTimeout: 120,
        LinuxParameters: { InitProcessEnabled: true, Capabilities: { Drop: ["ALL"] } },
      });
      expect(container).not.toHaveProperty("Privileged");
      expect(container).not.toHaveProperty("PortMappings");
    }
  });

  test("can write to /tmp alone", () => {
    for (const definition of definitions()) expect(definition["Volumes"]).toEqual([{ Name: "tmp" }]);
    for (const container of containers()) {
      expect(container).toMatchObject({
        MountPoints: [{ SourceVolume: "tmp", ContainerPath: "/tmp", ReadOnly: false }],
      });
    }
  });

  test("log without ever waiting for the log", () => {
    for (const container of containers()) {
      expect(container).toMatchObject({
        LogConfiguration: {
          LogDriver: "awslogs",
          Options: { mode: "non-blocking", "awslogs-stream-prefix": "worker" },
        },
      });
    }
  });

  test("tell a worker only variables that it reads, and no secret", () => {
    const read = new Set<string>(Object.values(workerEnvironment));
    const told = containers().map((container) => (container as { Environment?: { Name: string }[] }).Environment ?? []);
    expect(told.map((variables) => variables.map(({ Name }) => Name))).toEqual([
      [],
      [
        workerEnvironment.taskQueue,
        workerEnvironment.bucket,
        workerEnvironment.leaseMs,
        workerEnvironment.slots,
        workerEnvironment.memoryMiB,
      ],
    ]);
    expect(told.flat().filter(({ Name }) => !read.has(Name))).toEqual([]);
  });
});
