/** Crockford's base 32: no i, l, o, u, so that nobody misreads an id. */
const digits = "0123456789abcdefghjkmnpqrstvwxyz";
const timeDigits = 10;
const randomDigits = 16;

export const runIdForm = /^[0-9a-hjkmnp-tv-z]{26}$/u;

/** 26 lower-case letters and digits, as a ULID: later runs sort after earlier ones. */
export function createRunId(nowMs: number, random: () => number): string {
  let id = "";
  for (
    let digit = 0, rest = Math.floor(nowMs);
    digit < timeDigits;
    digit += 1, rest = Math.floor(rest / digits.length)
  ) {
    id = digits.charAt(rest % digits.length) + id;
  }
  for (let digit = 0; digit < randomDigits; digit += 1) id += digits.charAt(Math.floor(random() * digits.length));
  return id;
}
