import { CloudburstError } from "../base/errors.ts";

/**
 * Refuses arguments that the body can never see. Missing ones are the compiler's business: `y?: number` leaves no
 * trace in the running code, so that an argument left out on purpose looks like one that was forgotten.
 */
export function checkArity(taskName: string, body: (...args: never[]) => unknown, given: number): void {
  if (given <= body.length || takesMoreThanItsLength(body)) return;
  const takes = body.length === 1 ? "1 argument" : `${String(body.length)} arguments`;
  throw new CloudburstError(
    "wrong_arity",
    `task "${taskName}" takes ${takes}, got ${String(given)}: leave out the rest, or pass a list as one argument`,
    { data: { task: taskName, takes: body.length, given } },
  );
}

/** A function's `length` leaves out parameters with defaults, rest parameters, and what `arguments` reaches. */
function takesMoreThanItsLength(body: (...args: never[]) => unknown): boolean {
  const source = Function.prototype.toString.call(body).replace(/\/\*[^]*?\*\/|\/\/.*$/gm, "");
  if (/\[native code\]|\barguments\b/.test(source)) return true;
  const arrow = source.indexOf("=>");
  const opening = source.indexOf("(");
  if (opening === -1 || (arrow !== -1 && arrow < opening)) return false; // `x => …`
  // A parenthesis inside the list belongs to a default value, whose `=` comes before it.
  const parameters = source.slice(opening, source.indexOf(")", opening));
  return /=|\.\.\./.test(parameters);
}
