/** What one check of the account found. */
export interface Finding {
  readonly check: string;
  /** `skipped`: it could not be looked at, because of what failed before, or for want of a permission that no run needs. */
  readonly status: "ok" | "warn" | "fail" | "skipped";
  /** For people; what is wrong has its remedy in brackets. */
  readonly detail: string;
  /** For a shell: shows what could not be looked at, to whoever has the right. */
  readonly command?: string;
}
