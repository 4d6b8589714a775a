export interface BackoffPolicy {
  readonly baseMs: number;
  readonly maxMs: number;
}

/**
 * Milliseconds to wait before attempt `attempt + 1`: 50-100 % of an exponentially growing ceiling,
 * which spreads a herd and never exceeds the cap.
 */
export function backoffMs(policy: BackoffPolicy, attempt: number, random: () => number): number {
  const ceilingMs = Math.min(policy.maxMs, policy.baseMs * 2 ** (attempt - 1));
  return Math.round(ceilingMs * (0.5 + random() / 2));
}
