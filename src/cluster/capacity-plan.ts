/** What workers run on: on-demand, Spot, or a mix by weight. */

export type CapacityProvider = "FARGATE" | "FARGATE_SPOT";

/** Shares of both, and what happens when Spot has no capacity. */
export interface CapacityMix {
  /** Weight of on-demand workers, 0 to 1000. @default 0 */
  readonly FARGATE?: number | undefined;
  /** Weight of Spot workers, 0 to 1000. @default 0 */
  readonly FARGATE_SPOT?: number | undefined;
  /** Whether on-demand workers stand in while Spot cannot be had. @default true */
  readonly fallBack?: boolean | undefined;
}

export interface CapacityPlan {
  /** As RunTask takes it; items without weight are left out. */
  readonly strategy: readonly { readonly capacityProvider: CapacityProvider; readonly weight: number }[];
  /** Whether on-demand workers stand in while Spot cannot be had. */
  readonly fallBack: boolean;
}

export function resolveCapacity(given: CapacityProvider | CapacityMix = "FARGATE"): CapacityPlan {
  const mix: CapacityMix = typeof given === "string" ? { [given]: 1 } : given;
  const strategy = (["FARGATE", "FARGATE_SPOT"] as const).flatMap((capacityProvider) => {
    const weight = mix[capacityProvider] ?? 0;
    return weight > 0 ? [{ capacityProvider, weight }] : [];
  });
  return { strategy, fallBack: mix.fallBack ?? true };
}

export function usesSpot({ strategy }: CapacityPlan): boolean {
  return strategy.some(({ capacityProvider }) => capacityProvider === "FARGATE_SPOT");
}
