/** What a function calls its parameters, read off its source: for labels only, where no name is better than a wrong one. */

const IDENTIFIER = /^(?:\.\.\.)?\s*([\p{ID_Start}$_][\p{ID_Continue}$]*)\s*(?:=[^]*)?$/u;
const COMMENTS_AND_TEXT = /\/\*[^]*?\*\/|\/\/.*$|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`(?:\\.|[^`\\])*`/gmu;

/** One for each parameter; undefined where it has no name of its own, such as `{ x, y }`. */
export function parameterNames(body: (...args: never[]) => unknown): readonly (string | undefined)[] {
  // Text within a default value could hold brackets and commas; it tells nothing of the names.
  const source = Function.prototype.toString.call(body).replace(COMMENTS_AND_TEXT, "''");
  const single = /^(?:async\s+)?([\p{ID_Start}$_][\p{ID_Continue}$]*)\s*=>/u.exec(source);
  if (single !== null) return [single[1]];
  return topLevelParts(source).map((part) => IDENTIFIER.exec(part.trim())?.[1]);
}

/** What stands between the commas of the first pair of parentheses. */
function topLevelParts(source: string): readonly string[] {
  const parts: string[] = [];
  let depth = 0;
  let begin = source.indexOf("(") + 1;
  for (let at = begin; at < source.length; at += 1) {
    const character = source.charAt(at);
    if ("([{".includes(character)) depth += 1;
    if (depth === 0 && (character === "," || character === ")")) {
      parts.push(source.slice(begin, at));
      begin = at + 1;
      if (character === ")") break;
    }
    if (")]}".includes(character)) depth -= 1;
  }
  return parts.filter((part, index) => part.trim() !== "" || index < parts.length - 1);
}
