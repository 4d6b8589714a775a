import { Match, type Template } from "aws-cdk-lib/assertions";
import { beforeAll, describe, expect, test } from "vitest";
import { only, patienceMs, resourcesOf, synthesize, type Properties } from "./synthesize.ts";

let template: Template;
beforeAll(() => {
  template = synthesize();
}, patienceMs);

describe("the shared queue", () => {
  test("lends a chunk for the lease of 120 s, polls long, is encrypted, and gives up after ten deliveries", () => {
    template.hasResourceProperties("AWS::SQS::Queue", {
      VisibilityTimeout: 120,
      ReceiveMessageWaitTimeSeconds: 20,
      MessageRetentionPeriod: 24 * 60 * 60,
      SqsManagedSseEnabled: true,
      RedrivePolicy: {
        deadLetterTargetArn: { "Fn::GetAtt": [Match.stringLikeRegexp("SharedDeadLetters"), "Arn"] },
        maxReceiveCount: 10,
      },
    });
  });

  test("keeps dead letters for two weeks", () => {
    const [letters] = resourcesOf(template, "AWS::SQS::Queue").filter(({ id }) => id.includes("DeadLetters"));
    expect(letters?.Properties).toMatchObject({
      MessageRetentionPeriod: 14 * 24 * 60 * 60,
      SqsManagedSseEnabled: true,
    });
  });

  test("is deaf to plain HTTP, as its dead letters are", () => {
    const policies = resourcesOf(template, "AWS::SQS::QueuePolicy");
    expect(policies).toHaveLength(2);
    for (const { Properties } of policies) {
      expect(Properties["PolicyDocument"]).toMatchObject({
        Statement: [{ Effect: "Deny", Action: "sqs:*", Condition: { Bool: { "aws:SecureTransport": "false" } } }],
      });
    }
  });
});

describe("the shared service", () => {
  test("starts with no worker, so that deploying neither costs nor waits for an image", () => {
    template.hasResourceProperties("AWS::ECS::Service", {
      DesiredCount: 0,
      CapacityProviderStrategy: [{ CapacityProvider: "FARGATE", Weight: 1 }],
      DeploymentConfiguration: {
        MinimumHealthyPercent: 100,
        MaximumPercent: 200,
        DeploymentCircuitBreaker: { Enable: true, Rollback: true },
      },
      AvailabilityZoneRebalancing: "DISABLED",
      NetworkConfiguration: { AwsvpcConfiguration: { AssignPublicIp: "ENABLED" } },
    });
    expect(only(template, "AWS::ECS::Service")).not.toHaveProperty("LaunchType");
  });

  test("allows no shell in its workers", () => {
    expect(only(template, "AWS::ECS::Service")["EnableExecuteCommand"] ?? false).toBe(false);
  });

  test("scales between none and ten", () => {
    template.hasResourceProperties("AWS::ApplicationAutoScaling::ScalableTarget", {
      MinCapacity: 0,
      MaxCapacity: 10,
      ServiceNamespace: "ecs",
      ScalableDimension: "ecs:service:DesiredCount",
    });
  });
});

describe("scaling", () => {
  const alarm = (name: string): Properties => {
    const found = resourcesOf(template, "AWS::CloudWatch::Alarm").find(({ id }) => id.includes(`Scaling${name}`));
    if (found === undefined) throw new Error(`no alarm ${name}`);
    return found.Properties;
  };
  const policy = (name: string): Properties => {
    const found = resourcesOf(template, "AWS::ApplicationAutoScaling::ScalingPolicy").find(({ id }) =>
      id.includes(`Scaling${name}Action`),
    );
    return (found?.Properties["StepScalingPolicyConfiguration"] ?? {}) as Properties;
  };
  const metrics = (name: string) => alarm(name)["Metrics"] as readonly { Id: string; Expression?: string }[];
  /** Which alarm's which step a situation meets, by the formulas that stand in the template. */
  const change = (
    name: string,
    seen: { waiting: number; delayed?: number; inHand: number; workers: number },
  ): number | undefined => {
    const { waiting, delayed = 0, inHand, workers } = seen;
    const formulas: Record<string, number> = {
      "(waiting + delayed + inHand) / workers": (waiting + delayed + inHand) / workers,
      "IF(inHand < 1, waiting + delayed, 0)": inHand < 1 ? waiting + delayed : 0,
    };
    const value = formulas[metrics(name).find(({ Expression }) => Expression !== undefined)?.Expression ?? ""];
    if (value === undefined) throw new Error(`the formula of ${name} is new to this test`);
    const threshold = Number(alarm(name)["Threshold"]);
    const below = alarm(name)["ComparisonOperator"] === "LessThanThreshold";
    const breaching = below
      ? value < threshold
      : alarm(name)["ComparisonOperator"] === "GreaterThanThreshold"
        ? value > threshold
        : value >= threshold;
    if (workers === 0 && value !== formulas["IF(inHand < 1, waiting + delayed, 0)"]) return undefined; // no samples, no value
    if (!breaching) return undefined;
    const steps = policy(name)["StepAdjustments"] as readonly Record<string, number>[];
    const distance = value - threshold;
    // Above the threshold the lower bound belongs to a step, below it the upper one.
    const step = steps.find(
      ({ MetricIntervalLowerBound: lower = -Infinity, MetricIntervalUpperBound: upper = Infinity }) =>
        below ? distance > lower && distance <= upper : distance >= lower && distance < upper,
    );
    return step?.["ScalingAdjustment"];
  };

  test("counts chunks in hand with those that wait (B1), and workers by the samples of their free CPU metric", () => {
    for (const name of ["Grow", "Shrink"]) {
      expect(
        metrics(name)
          .map(({ Id }) => Id)
          .sort(),
      ).toEqual(["delayed", "expr_1", "inHand", "waiting", "workers"]);
      expect(metrics(name)).toContainEqual(
        expect.objectContaining({ Expression: "(waiting + delayed + inHand) / workers" }),
      );
    }
    expect(metrics("Grow")).toContainEqual(
      expect.objectContaining({
        Id: "workers",
        MetricStat: expect.objectContaining({ Stat: "SampleCount", Period: 60 }) as unknown,
      }),
    );
  });

  test("takes a missing metric for no reason to act", () => {
    for (const name of ["Wake", "Grow", "Shrink"]) expect(alarm(name)["TreatMissingData"]).toBe("notBreaching");
    expect(JSON.stringify(metrics("Wake").concat(metrics("Grow"), metrics("Shrink")))).not.toContain("FILL");
  });

  test("starts the first worker for a single chunk, and more for many (B3)", () => {
    expect(change("Wake", { waiting: 0, inHand: 0, workers: 0 })).toBeUndefined();
    expect(change("Wake", { waiting: 1, inHand: 0, workers: 0 })).toBe(1);
    expect(change("Wake", { waiting: 40, inHand: 0, workers: 0 })).toBe(4);
    expect(change("Wake", { waiting: 500, inHand: 0, workers: 0 })).toBe(16);
    expect(change("Wake", { waiting: 500, inHand: 3, workers: 2 })).toBeUndefined();
  });

  test("grows the faster the more chunks there are for each worker", () => {
    expect(change("Grow", { waiting: 6, inHand: 2, workers: 2 })).toBeUndefined();
    expect(change("Grow", { waiting: 10, inHand: 2, workers: 2 })).toBe(50);
    expect(change("Grow", { waiting: 20, inHand: 2, workers: 2 })).toBe(100);
    expect(change("Grow", { waiting: 200, inHand: 2, workers: 2 })).toBe(300);
  });

  test("takes all workers away when nothing waits and nothing is in hand, and none while each has a chunk (B2)", () => {
    expect(change("Shrink", { waiting: 0, inHand: 0, workers: 8 })).toBe(-100);
    expect(change("Shrink", { waiting: 0, inHand: 4, workers: 8 })).toBe(-25);
    expect(change("Shrink", { waiting: 0, inHand: 8, workers: 8 })).toBeUndefined();
    expect(alarm("Shrink")).toMatchObject({ EvaluationPeriods: 5, DatapointsToAlarm: 5 });
  });

  test("counts what is delayed: it wakes, makes grow and keeps workers as what waits does (B4)", () => {
    expect(change("Wake", { waiting: 0, delayed: 1, inHand: 0, workers: 0 })).toBe(1);
    expect(change("Grow", { waiting: 0, delayed: 10, inHand: 2, workers: 2 })).toBe(50);
    expect(change("Shrink", { waiting: 0, delayed: 8, inHand: 0, workers: 8 })).toBeUndefined();
    for (const name of ["Wake", "Grow", "Shrink"]) {
      expect(JSON.stringify(metrics(name))).toContain("ApproximateNumberOfMessagesDelayed");
    }
  });

  test("never has a step that grows and one that shrinks hold at once", () => {
    for (let backlog = 0; backlog <= 100; backlog += 1) {
      const seen = { waiting: backlog, inHand: 0, workers: 10 };
      expect(change("Grow", seen) !== undefined && change("Shrink", seen) !== undefined).toBe(false);
    }
  });
});
