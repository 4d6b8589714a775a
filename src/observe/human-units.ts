/** Numbers as people read them. */

const COUNT = new Intl.NumberFormat("en-US");

/** `1,234`. */
export function formatCount(count: number): string {
  return COUNT.format(count);
}

/** `1 call`, `1,234 calls`. */
export function formatQuantity(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? "" : "s"}`;
}

/** `85 ms`, `12.3 s`, `4 min 05 s`, `2 h 07 min`. */
export function formatDuration(ms: number): string {
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${twoDigits(seconds % 60)} s`;
  const minutes = Math.round(seconds / 60);
  return `${Math.floor(minutes / 60)} h ${twoDigits(minutes % 60)} min`;
}

/** `0.25/s`, `18.3/s`, `12,345/s`. */
export function formatRate(perSecond: number): string {
  if (perSecond >= 99.95) return `${formatCount(Math.round(perSecond))}/s`;
  return `${perSecond.toFixed(perSecond >= 0.995 ? 1 : 2)}/s`;
}

/** Decimals with which a sum of about this size can be told, and its parts as well. */
export function usdDecimals(usd: number): number {
  if (usd < 0.1) return 5;
  return usd < 10 ? 3 : 2;
}

/** `$0.00131`, `$0.850`, `$1,234.57`. */
export function formatUsd(usd: number, decimals = usdDecimals(usd)): string {
  const digits = { minimumFractionDigits: decimals, maximumFractionDigits: decimals };
  return `$${usd.toLocaleString("en-US", digits)}`;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, "0");
}
