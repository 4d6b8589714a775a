/** A token bucket as a value: what the account lets through, counted here before it is refused there. */

export interface BucketRate {
  /** Tokens that a full bucket holds. */
  readonly burst: number;
  readonly perSecond: number;
}

export interface Bucket {
  readonly tokens: number;
  /** When it held that many, in milliseconds since the epoch. */
  readonly at: number;
}

export function fullBucket(rate: BucketRate, now: number): Bucket {
  return { tokens: rate.burst, at: now };
}

export function tokensAt(bucket: Bucket, rate: BucketRate, now: number): number {
  const grown = bucket.tokens + (Math.max(0, now - bucket.at) / 1000) * rate.perSecond;
  return Math.min(rate.burst, grown);
}

/** The bucket after taking `count`, which must be there. */
export function takeTokens(bucket: Bucket, rate: BucketRate, count: number, now: number): Bucket {
  return { tokens: tokensAt(bucket, rate, now) - count, at: Math.max(bucket.at, now) };
}
