/** The doctor's findings as a table, remedies on lines of their own. */
import pc from "picocolors";
import type { Finding } from "../cluster/preflight/finding.ts";

const colours = { ok: pc.green, warn: pc.yellow, fail: pc.red, skipped: pc.dim } as const;

export function findingsTable(findings: readonly Finding[], columns: number): string {
  const statusWidth = "skipped".length;
  const checkWidth = Math.max(...findings.map(({ check }) => check.length));
  const indent = statusWidth + checkWidth + 4;
  return findings
    .map(({ check, status, detail, command }) => {
      const [first = "", ...more] = wrap(detail, Math.max(40, columns - indent));
      const head = `${colours[status](status.padEnd(statusWidth))}  ${check.padEnd(checkWidth)}  ${first}`;
      // A command has a line of its own, however long: cut in two it could not be copied.
      const rest = command === undefined ? more : [...more, command];
      return [head, ...rest.map((line) => " ".repeat(indent) + line)].join("\n");
    })
    .join("\n");
}

/** Lines of whole words; a word longer than a line, as a link is, keeps a line of its own. */
function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

/** One line that says how it looks on the whole. */
export function verdict(findings: readonly Finding[]): string {
  const count = (status: Finding["status"]): number => findings.filter((found) => found.status === status).length;
  const failed = count("fail");
  if (failed > 0) return `${failed} of ${findings.length} checks failed: flows cannot run on this account yet`;
  const [warned, skipped] = [count("warn"), count("skipped")];
  const notes = [
    ...(warned === 0 ? [] : [`${warned} ${warned === 1 ? "warning" : "warnings"}`]),
    ...(skipped === 0 ? [] : [`${skipped} not checked`]),
  ];
  return notes.length === 0 ? "all is well" : `flows can run; ${notes.join(", ")}`;
}
