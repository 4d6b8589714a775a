/** What Application Auto Scaling does for an ECS service, with the defaults of AWS and of CDK. */

/** The service scheduler starts so many tasks a minute on Fargate, and no more. */
export const serviceLaunchesPerMinute = 500;
/** CloudWatch has queue metrics once a minute, of the minute before. */
export const metricMs = 60_000;

/** Target tracking is proportional: capacity so that the metric would meet its target. */
export function targetTracking(current: number, backlogPerTask: number, target: number): number {
  return Math.ceil(current * (backlogPerTask / target));
}

/** CDK's QueueProcessingFargateService: `[{ upper: 0, change: -1 }, { lower: 100, change: +1 }, { lower: 500, change: +5 }]`. */
export function cdkStep(visibleMessages: number): number {
  if (visibleMessages >= 500) return 5;
  if (visibleMessages >= 100) return 1;
  return visibleMessages <= 0 ? -1 : 0;
}

/** The step scaling's cooldown of CDK: 300 s. */
export const cdkCooldownMs = 300_000;
