/** Spot or on-demand: Spot while it is to be had, on-demand when it is shown not to be, and back. */

export type Capacity = "spot" | "on-demand";

/** Waves of launches that Spot refuses, one after the other, before on-demand is used ... */
const failedWavesToLeave = 3;
/** ... and for how long: on-demand costs more than twice as much, so a start-up's time of asking again pays. */
const refusedMsToLeave = 45_000;
/** While on-demand is used, Spot is asked again this often, with one small batch. */
const askAgainMs = 15_000;

export interface CapacityChoice {
  /** What the user asked for. */
  readonly preferred: Capacity;
  /** Whether on-demand may stand in for Spot. */
  readonly mayFallBack: boolean;
  readonly failedWaves: number;
  /** When the first of them was refused. */
  readonly refusedSince: number | undefined;
  /** Set while on-demand stands in: when Spot is asked again. */
  readonly askSpotAt: number | undefined;
}

export function firstChoice(preferred: Capacity, mayFallBack: boolean): CapacityChoice {
  return { preferred, mayFallBack, failedWaves: 0, refusedSince: undefined, askSpotAt: undefined };
}

export function standsIn(choice: CapacityChoice): boolean {
  return choice.askSpotAt !== undefined;
}

export function capacityAt(choice: CapacityChoice, now: number): Capacity {
  if (choice.askSpotAt === undefined) return choice.preferred;
  return now >= choice.askSpotAt ? "spot" : "on-demand";
}

/** Spot was asked while on-demand stands in: it is asked again later, unless it answers. */
export function afterAsking(choice: CapacityChoice, now: number): CapacityChoice {
  return standsIn(choice) ? { ...choice, askSpotAt: now + askAgainMs } : choice;
}

export function afterSpotStarted(choice: CapacityChoice): CapacityChoice {
  return { ...choice, failedWaves: 0, refusedSince: undefined, askSpotAt: undefined };
}

export function afterSpotRefused(choice: CapacityChoice, now: number): CapacityChoice {
  const failedWaves = choice.failedWaves + 1;
  const refusedSince = choice.refusedSince ?? now;
  const longEnough = failedWaves >= failedWavesToLeave && now - refusedSince >= refusedMsToLeave;
  const leave = choice.mayFallBack && longEnough;
  return { ...choice, failedWaves, refusedSince, askSpotAt: leave ? now + askAgainMs : choice.askSpotAt };
}
