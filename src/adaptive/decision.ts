/** What was decided and why: kept in the run's record, so it is plain data. */

export type BoundName =
  | "nothing to do"
  | "target duration"
  | "deadline"
  | "worth"
  | "paid minute"
  | "first wave"
  | "calls"
  | "already there"
  | "at least one"
  | "minimum"
  | "maximum"
  | "quota"
  | "budget";

/** `want`: how many there should be; `at-most` and `at-least`: what moves that number. */
export interface Bound {
  readonly name: BoundName;
  readonly kind: "want" | "at-most" | "at-least";
  readonly workers: number;
}

export interface Decision {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Workers that there should be, those that start included, those that leave not. */
  readonly target: number;
  /** Workers to request now: the target less those that are there or on their way. */
  readonly launch: number;
  /** Workers that are there beyond the target. The idle ones of them may leave; busy ones never have to (I6). */
  readonly surplus: number;
  readonly reason: DecisionReason;
}

export interface DecisionReason {
  /** Every bound, in the order in which they were applied. */
  readonly bounds: readonly Bound[];
  /** The bound that gave the target its value. */
  readonly won: BoundName;
  /** For people. */
  readonly sentence: string;
}
