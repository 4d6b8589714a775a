/**
 * Scales the shared service on its backlog: chunks that wait, that are delayed and that are in hand, for each worker.
 *
 *  B1 Chunks in hand count. A queue that looks empty while its last chunks run is no reason to take workers away.
 *  B2 Workers go when nothing waits, is delayed or in hand for five minutes; busy ones protect themselves besides.
 *  B3 From zero workers there is no "for each worker": then a chunk that waits while none is in hand starts the first.
 *  B4 Delayed chunks count: a queue delays a quarter of an hour at most, and a worker's way takes some minutes of that. Drivers
 *     delay none; whoever else sends to the queue may.
 *
 * Metrics that are late are missing, not zero (no FILL): a missing value never starts or stops anything.
 */
import { Duration, Stack } from "aws-cdk-lib";
import {
  AdjustmentType,
  ScalableTarget,
  ServiceNamespace,
  StepScalingAction,
} from "aws-cdk-lib/aws-applicationautoscaling";
import {
  Alarm,
  ComparisonOperator,
  type IMetric,
  MathExpression,
  Metric,
  Stats,
  TreatMissingData,
} from "aws-cdk-lib/aws-cloudwatch";
import { ApplicationScalingAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import { Role } from "aws-cdk-lib/aws-iam";
import type { IQueue } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import { InvalidOptionError } from "../src/base/errors.ts";

export interface BacklogScalingOptions {
  /** Workers that stay without work. Zero costs nothing and makes the first chunk wait for minutes. @default 0 */
  readonly minimum?: number | undefined;
  /** @default 10 */
  readonly maximum?: number | undefined;
  /** Chunks, waiting and in hand, for each worker above which more workers are started. @default 4 */
  readonly chunksPerWorker?: number | undefined;
}

export interface BacklogScalingProps extends BacklogScalingOptions {
  readonly clusterName: string;
  readonly serviceName: string;
  readonly queue: IQueue;
}

const minute = Duration.minutes(1);
/** A worker takes about a minute to start, and its metric another to arrive: until then growing again would be blind. */
const growCooldown = Duration.minutes(3);
const idleMinutes = 5;

export class BacklogScaling extends Construct {
  readonly #target: ScalableTarget;

  constructor(scope: Construct, id: string, props: BacklogScalingProps) {
    super(scope, id);
    const { minimum = 0, maximum = 10, chunksPerWorker = 4 } = props;
    if (maximum < 1 || minimum > maximum) {
      throw new InvalidOptionError(
        `the shared service's maximum must be at least 1 and its minimum, got ${minimum} and ${maximum}`,
      );
    }
    this.#target = this.#createTarget(props, minimum, maximum);
    this.#wake(props, chunksPerWorker);
    this.#grow(props, chunksPerWorker);
    this.#shrink(props);
  }

  #createTarget(
    { clusterName, serviceName }: BacklogScalingProps,
    minCapacity: number,
    maxCapacity: number,
  ): ScalableTarget {
    const serviceLinkedRole = Stack.of(this).formatArn({
      service: "iam",
      region: "",
      resource: "role/aws-service-role/ecs.application-autoscaling.amazonaws.com",
      resourceName: "AWSServiceRoleForApplicationAutoScaling_ECSService",
    });
    return new ScalableTarget(this, "Workers", {
      serviceNamespace: ServiceNamespace.ECS,
      scalableDimension: "ecs:service:DesiredCount",
      resourceId: `service/${clusterName}/${serviceName}`,
      minCapacity,
      maxCapacity,
      role: Role.fromRoleArn(this, "ServiceLinkedRole", serviceLinkedRole, { mutable: false }),
    });
  }

  /** B3. As many workers as a first look justifies; `#grow` does the rest. */
  #wake({ queue }: BacklogScalingProps, chunksPerWorker: number): void {
    const waitingUnseen = new MathExpression({
      label: "chunks waiting while none is in hand",
      expression: "IF(inHand < 1, waiting + delayed, 0)",
      usingMetrics: queueMetrics(queue),
      period: minute,
    });
    this.#alarm("Wake", waitingUnseen, {
      description: "Chunks wait and nobody works on the shared queue",
      operator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      threshold: 1,
      minutes: 1,
      type: AdjustmentType.CHANGE_IN_CAPACITY,
      cooldown: growCooldown,
      steps: [
        { lower: 0, upper: 4 * chunksPerWorker, change: 1 },
        { lower: 4 * chunksPerWorker, upper: 16 * chunksPerWorker, change: 4 },
        { lower: 16 * chunksPerWorker, change: 16 },
      ],
    });
  }

  #grow(props: BacklogScalingProps, chunksPerWorker: number): void {
    this.#alarm("Grow", backlogPerWorker(props), {
      description: "More chunks for each worker of the shared cluster than it should have",
      operator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      threshold: chunksPerWorker,
      minutes: 1,
      type: AdjustmentType.PERCENT_CHANGE_IN_CAPACITY,
      cooldown: growCooldown,
      steps: [
        { lower: 0, upper: chunksPerWorker, change: 50 },
        { lower: chunksPerWorker, upper: 3 * chunksPerWorker, change: 100 },
        { lower: 3 * chunksPerWorker, change: 300 },
      ],
    });
  }

  /** B1, B2. */
  #shrink(props: BacklogScalingProps): void {
    this.#alarm("Shrink", backlogPerWorker(props), {
      description: "Fewer chunks than workers on the shared cluster, for a while",
      operator: ComparisonOperator.LESS_THAN_THRESHOLD,
      threshold: 1,
      minutes: idleMinutes,
      type: AdjustmentType.PERCENT_CHANGE_IN_CAPACITY,
      cooldown: minute,
      steps: [
        { upper: -1, change: -100 }, // none at all
        { lower: -1, upper: 0, change: -25 },
      ],
    });
  }

  #alarm(id: string, metric: IMetric, rule: ScalingRule): void {
    const action = new StepScalingAction(this, `${id}Action`, {
      scalingTarget: this.#target,
      adjustmentType: rule.type,
      cooldown: rule.cooldown,
    });
    for (const { lower, upper, change } of rule.steps) {
      action.addAdjustment({
        adjustment: change,
        ...(lower !== undefined && { lowerBound: lower }),
        ...(upper !== undefined && { upperBound: upper }),
      });
    }
    const alarm = new Alarm(this, id, {
      metric,
      alarmDescription: rule.description,
      comparisonOperator: rule.operator,
      threshold: rule.threshold,
      evaluationPeriods: rule.minutes,
      datapointsToAlarm: rule.minutes,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
    alarm.addAlarmAction(new ApplicationScalingAction(action));
  }
}

/** Bounds are distances from the alarm's threshold, as CloudFormation has them; `change` is workers or percent. */
interface Step {
  readonly lower?: number;
  readonly upper?: number;
  readonly change: number;
}

interface ScalingRule {
  readonly description: string;
  readonly operator: ComparisonOperator;
  readonly threshold: number;
  readonly minutes: number;
  readonly type: AdjustmentType;
  readonly cooldown: Duration;
  readonly steps: readonly Step[];
}

function queueMetrics(queue: IQueue): { waiting: IMetric; delayed: IMetric; inHand: IMetric } {
  const options = { period: minute, statistic: Stats.MAXIMUM };
  return {
    waiting: queue.metricApproximateNumberOfMessagesVisible(options),
    delayed: queue.metricApproximateNumberOfMessagesDelayed(options),
    inHand: queue.metricApproximateNumberOfMessagesNotVisible(options),
  };
}

function backlogPerWorker({ clusterName, serviceName, queue }: BacklogScalingProps): MathExpression {
  // Every running task reports its CPU once a minute, so the number of samples is the number of tasks. The metric that
  // is made for it belongs to Container Insights, which bills.
  const workers = new Metric({
    namespace: "AWS/ECS",
    metricName: "CPUUtilization",
    dimensionsMap: { ClusterName: clusterName, ServiceName: serviceName },
    statistic: Stats.SAMPLE_COUNT,
    period: minute,
  });
  return new MathExpression({
    label: "chunks for each worker",
    expression: "(waiting + delayed + inHand) / workers",
    usingMetrics: { ...queueMetrics(queue), workers },
    period: minute,
  });
}
