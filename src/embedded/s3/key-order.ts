/**
 * S3 lists keys in the order of their UTF-8 bytes; JavaScript compares UTF-16 units. The two differ only in that UTF-16 puts
 * surrogates (code points from U+10000) before U+E000 to U+FFFF. Swapping the two blocks gives strings that the built-in `<`
 * and `sort()` order as S3 does, unit by unit, so prefixes stay prefixes.
 */

const HIGH_UNITS = /[\ud800-\uffff]/g;

/** The key in the form that the built-in comparison orders by UTF-8 bytes. */
export function toSortable(key: string): string {
  return key.replace(HIGH_UNITS, (unit) => {
    const code = unit.charCodeAt(0);
    return String.fromCharCode(code < 0xe000 ? code + 0x2000 : code - 0x800);
  });
}

export function fromSortable(sortable: string): string {
  return sortable.replace(HIGH_UNITS, (unit) => {
    const code = unit.charCodeAt(0);
    return String.fromCharCode(code < 0xf800 ? code + 0x800 : code - 0x2000);
  });
}
