/** Seeded chance, so that every policy meets the same world and every run repeats. */

export type Random = () => number;

/** Mulberry32: small, fast, good enough for simulation. */
export function seeded(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** Log-normal with this median; `sigma` 0.25 varies by a quarter, 1.5 has a heavy tail. */
export function logNormal(random: Random, median: number, sigma: number): number {
  return median * Math.exp(sigma * normal(random));
}

export function exponential(random: Random, mean: number): number {
  return -mean * Math.log(1 - random());
}
