/** KEDA's aws-sqs-queue trigger and the HorizontalPodAutoscaler behind it, with the defaults of both. */

/** Messages for each replica: `queueLength`. */
const kedaQueueLength = 5;
export const kedaPollMs = 30_000;
export const kedaCooldownMs = 300_000;
/** The HPA looks every 15 s and may then add the greater of 4 pods and 100 %. */
export const hpaSyncMs = 15_000;
const hpaAddPods = 4;
/** It leaves things as they are within 10 %. */
const hpaTolerance = 0.1;

/** Replicas that the queue asks for: visible and in flight over the queue length. */
export function kedaWanted(messages: number, queueLength = kedaQueueLength): number {
  return Math.ceil(messages / queueLength);
}

/** What the HPA makes of it in one step upwards. */
export function hpaStepUp(current: number, wanted: number): number {
  if (current > 0 && Math.abs(wanted / current - 1) <= hpaTolerance) return current;
  return Math.min(wanted, Math.max(current + hpaAddPods, 2 * current));
}
