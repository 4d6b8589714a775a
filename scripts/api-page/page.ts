/** The page `docs/api.md`, made of the types and comments of what `src/index.ts` exports. */
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { describe } from "./describe.ts";
import { groups } from "./groups.ts";

export const apiPage = fileURLToPath(new URL("../../docs/api.md", import.meta.url));
const door = fileURLToPath(new URL("../../src/index.ts", import.meta.url));
const config = fileURLToPath(new URL("../../tsconfig.json", import.meta.url));

const head = `# API

Everything that \`import … from "cloudburst"\` has, made from the types and comments of the code by \`npm run docs:api\`.
The pages named under each heading explain how the parts work together. Durations without a unit are milliseconds unless
it says otherwise; \`"10s"\`, \`"5m"\`, \`"2h"\` are allowed wherever the type is \`number | string\`.`;

/** @throws Error when an exported name stands in no group, or a group has a name that is not exported */
export function renderApiPage(): string {
  const { exported, checker } = readDoor();
  checkGroups([...exported.keys()]);
  const sections = groups.map(({ title, intro, names }) => {
    const parts = names.map(
      (name) => describe(name, exported.get(name) as ts.Symbol, checker, (other) => exported.has(other)).text,
    );
    return [`## ${title}`, `See ${intro}.`, ...parts].join("\n\n");
  });
  return `${[head, ...sections].join("\n\n")}\n`;
}

function readDoor(): { readonly exported: ReadonlyMap<string, ts.Symbol>; readonly checker: ts.TypeChecker } {
  const { config: read } = ts.readConfigFile(config, (path) => ts.sys.readFile(path)) as {
    readonly config: { readonly compilerOptions: object };
  };
  const { options } = ts.convertCompilerOptionsFromJson(
    read.compilerOptions,
    fileURLToPath(new URL("../..", import.meta.url)),
  );
  const program = ts.createProgram([door], options);
  const checker = program.getTypeChecker();
  const source = program.getSourceFile(door);
  const module = source && checker.getSymbolAtLocation(source);
  if (module === undefined) throw new Error(`${door} is no module`);
  return { exported: new Map(checker.getExportsOfModule(module).map((symbol) => [symbol.name, symbol])), checker };
}

function checkGroups(exported: readonly string[]): void {
  const grouped = groups.flatMap(({ names }) => names);
  const missing = exported.filter((name) => !grouped.includes(name));
  const surplus = grouped.filter((name, index) => !exported.includes(name) || grouped.indexOf(name) !== index);
  if (missing.length + surplus.length === 0) return;
  throw new Error(
    `scripts/api-page/groups.ts must name each export of src/index.ts once: ` +
      `missing ${missing.join(", ") || "none"}, too many ${surplus.join(", ") || "none"}`,
  );
}
