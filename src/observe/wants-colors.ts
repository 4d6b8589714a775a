/**
 * Whether lines are coloured: on a terminal that has colours, unless `NO_COLOR` is set (https://no-color.org);
 * `FORCE_COLOR` colours what goes to a file as well, and its `0` is a no.
 */
export function wantsColors(isTty: boolean, env: NodeJS.ProcessEnv): boolean {
  const { NO_COLOR: no, FORCE_COLOR: force, TERM: terminal } = env;
  if (no !== undefined && no !== "") return false;
  if (force !== undefined && force !== "") return force !== "0" && force !== "false";
  return isTty && terminal !== "dumb";
}
