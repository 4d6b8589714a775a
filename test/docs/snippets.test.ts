/**
 * The TypeScript in the pages is checked against the library's types. What a snippet uses and does not say stands for
 * something of the reader's (`example`, `fetchRates`) and has any type; names of the library need no import.
 */
import { join } from "node:path";
import ts from "typescript";
import { expect, it } from "vitest";
import { root, userPages } from "./pages.ts";

const door = join(root, "src/index.ts");

interface Snippet {
  readonly file: string;
  readonly code: string;
}

const snippets: readonly Snippet[] = userPages()
  .filter(({ path }) => !path.startsWith("docs/decisions/"))
  .flatMap(({ path, text }) =>
    [...text.matchAll(/^```ts\n(.*?)^```/gmsu)].map(({ 1: code = "", index }) => {
      const line = text.slice(0, index).split("\n").length + 1;
      return { file: join(root, "src", `${path.replaceAll(/[/.]/gu, "-")}-line-${line}.ts`), code };
    }),
  );

/** Of the compiler's complaints, those that an extract from a program cannot avoid. */
const ofExtracts: ReadonlySet<number> = new Set([
  2304, // Cannot find name: it is the reader's
  2552, // the same, with a suggestion
  2307, // Cannot find module: as above
  18004, // no value for a shorthand property
  7031, // an element of a handle that is the reader's
  7006, // as above
]);

function checkedProgram(): ts.Program {
  const { config } = ts.readConfigFile(join(root, "tsconfig.json"), (path) => ts.sys.readFile(path)) as {
    readonly config: { readonly compilerOptions: object };
  };
  const { options } = ts.convertCompilerOptionsFromJson(
    {
      ...config.compilerOptions,
      noUnusedLocals: false,
      noUnusedParameters: false,
      paths: {
        cloudburst: [door],
        "cloudburst/infra": [join(root, "infra/index.ts"), join(root, "src/infra/index.ts")],
      },
    },
    root,
  );
  const sources = new Map(snippets.map(({ file, code }) => [file, withImports(code)]));
  const host = ts.createCompilerHost(options);
  const { fileExists, readFile, getSourceFile } = host;
  host.fileExists = (path) => sources.has(path) || fileExists(path);
  host.readFile = (path) => sources.get(path) ?? readFile(path);
  host.getSourceFile = (path, version, ...rest) => {
    const source = sources.get(path);
    return source === undefined
      ? getSourceFile(path, version, ...rest)
      : ts.createSourceFile(path, source, version, true);
  };
  return ts.createProgram([...sources.keys()], options, host);
}

/** Of the library's names those that the snippet neither imports nor declares. */
function withImports(code: string): string {
  const missing = exported.filter(
    (name) =>
      !new RegExp(`^import [^;]*\\b${name}\\b|\\b(?:const|class|function|let|type) ${name}\\b`, "mu").test(code),
  );
  return `import { ${missing.join(", ")} } from "cloudburst";\n${code}`;
}

const exported = exportedNames();

function exportedNames(): readonly string[] {
  const source = ts.createSourceFile(door, ts.sys.readFile(door) ?? "", ts.ScriptTarget.ES2022, true);
  return source.statements
    .flatMap((statement) => {
      if (ts.isExportDeclaration(statement) && statement.exportClause && ts.isNamedExports(statement.exportClause)) {
        if (statement.isTypeOnly) return [];
        return statement.exportClause.elements.filter(({ isTypeOnly }) => !isTypeOnly).map(({ name }) => name.text);
      }
      return [];
    })
    .concat("flow", "Flow", "config");
}

it("the snippets of the pages compile", { timeout: 120_000 }, () => {
  const program = checkedProgram();
  const complaints = snippets.flatMap(({ file }) =>
    ts
      .getPreEmitDiagnostics(program, program.getSourceFile(file))
      .filter(({ code }) => !ofExtracts.has(code))
      .map(({ code, start = 0, file: source, messageText }) => {
        const line = source?.text.slice(0, start).split("\n").at(-1) ?? "";
        return `${file} TS${code} at "${line}…": ${ts.flattenDiagnosticMessageText(messageText, " ")}`;
      }),
  );
  expect(snippets.length).toBeGreaterThan(20);
  expect(complaints).toEqual([]);
});
