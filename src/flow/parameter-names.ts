/** What a function calls its parameters, read off its source: for labels only, where no name is better than a wrong one. */

type Body = (...args: never[]) => unknown;

const IDENTIFIER = /^(?:\.\.\.)?\s*([\p{ID_Start}$_][\p{ID_Continue}$]*)\s*(?:=[^]*)?$/u;
/** `x`, `x = 1`, `x: y`; not `...rest`, which takes all others, nor what is computed. */
const PROPERTY = /^([\p{ID_Start}$_][\p{ID_Continue}$]*)\s*(?:[:=][^]*)?$/u;
const COMMENTS_AND_TEXT = /\/\*[^]*?\*\/|\/\/.*$|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`(?:\\.|[^`\\])*`/gmu;

/** One for each parameter; undefined where it has no name of its own, such as `{ x, y }`. */
export function parameterNames(body: Body): readonly (string | undefined)[] {
  const source = sourceOf(body);
  const single = /^(?:async\s+)?([\p{ID_Start}$_][\p{ID_Continue}$]*)\s*=>/u.exec(source);
  if (single !== null) return [single[1]];
  return topLevelParts(source, source.indexOf("(")).map((part) => IDENTIFIER.exec(part.trim())?.[1]);
}

/** The properties that a body takes of its one object argument, `({ x, y }) => …`; undefined where it does not say. */
export function propertyNames(body: Body): readonly string[] | undefined {
  const source = sourceOf(body);
  const opening = /^[^(=]*\(\s*\{/u.exec(source)?.[0].length;
  if (opening === undefined) return undefined;
  const names = topLevelParts(source, opening - 1).map((part) => PROPERTY.exec(part.trim())?.[1]);
  return names.every((name) => name !== undefined) ? names : undefined;
}

// Text within a default value could hold brackets and commas; it tells nothing of the names.
function sourceOf(body: Body): string {
  return Function.prototype.toString.call(body).replace(COMMENTS_AND_TEXT, "''");
}

/** What stands between the commas of the pair of brackets that opens at `opening`. */
function topLevelParts(source: string, opening: number): readonly string[] {
  const parts: string[] = [];
  let depth = 0;
  let begin = opening + 1;
  for (let at = begin; at < source.length; at += 1) {
    const character = source.charAt(at);
    if ("([{".includes(character)) depth += 1;
    const closes = ")]}".includes(character);
    if (depth === 0 && (character === "," || closes)) {
      parts.push(source.slice(begin, at));
      begin = at + 1;
      if (closes) break;
    }
    if (closes) depth -= 1;
  }
  return parts.filter((part, index) => part.trim() !== "" || index < parts.length - 1);
}
