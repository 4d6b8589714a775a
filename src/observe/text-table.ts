/** `–`, `12`, `$0.05`, `1 min 05 s`. */
const amount = /^(–|\$?[\d.,]+( (ms|s|min|h)( \d+ (s|min))?)?)$/u;

/** Rows as text: columns as wide as their widest cell, numbers to the right. */
export function textTable(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? "").length)));
  const isNumeric = (column: number): boolean => rows.slice(1).every((row) => amount.test(row[column] ?? "–"));
  const numeric = widths.map((_, column) => isNumeric(column));
  return rows
    .map((row) =>
      row
        .map((cell, column) => pad(cell, widths[column] ?? 0, numeric[column] ?? false))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

function pad(cell: string, width: number, right: boolean): string {
  return right ? cell.padStart(width) : cell.padEnd(width);
}
