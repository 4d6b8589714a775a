/** Makes Markdown of one exported name: its text, its signatures, a table of its properties. From the compiler's view. */
import ts from "typescript";

/** Of a declaration what a reader needs of its source. */
export interface Described {
  readonly name: string;
  readonly text: string;
}

/** @param isExported tells the names that the page describes anyway */
export function describe(
  name: string,
  exported: ts.Symbol,
  checker: ts.TypeChecker,
  isExported: (name: string) => boolean,
): Described {
  const symbol = targetOf(exported, checker);
  const declarations = symbol.declarations ?? [];
  const parts = [
    ...declarations.flatMap((declaration) => partsOf(declaration, symbol, checker)),
    ...declarations.flatMap((declaration) => helpersOf(declaration, checker, isExported)),
  ];
  const doc = docOf(symbol, checker) || docOf(exported, checker);
  return { name, text: [`### ${name}`, doc, ...new Set(parts)].filter((part) => part !== "").join("\n\n") };
}

function partsOf(declaration: ts.Declaration, symbol: ts.Symbol, checker: ts.TypeChecker): readonly string[] {
  if (ts.isFunctionDeclaration(declaration)) {
    const overloaded = (symbol.declarations?.length ?? 0) > 1;
    return overloaded && declaration.body !== undefined ? [] : [code(signatureOf(declaration))];
  }
  if (ts.isVariableDeclaration(declaration)) return [code(constantOf(declaration, checker))];
  if (ts.isTypeAliasDeclaration(declaration)) return [code(withoutDocs(declaration))];
  if (ts.isInterfaceDeclaration(declaration)) return membersOf(declaration, checker);
  if (ts.isClassDeclaration(declaration)) return [...constructorsOf(declaration), ...membersOf(declaration, checker)];
  return [];
}

const targetOf = (symbol: ts.Symbol, checker: ts.TypeChecker): ts.Symbol =>
  symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;

/** Of a constant or an alias the types that make it up and have no place of their own on the page. */
function helpersOf(
  declaration: ts.Declaration,
  checker: ts.TypeChecker,
  isExported: (name: string) => boolean,
): readonly string[] {
  if (!ts.isTypeAliasDeclaration(declaration) && !ts.isVariableDeclaration(declaration)) return [];
  const type = ts.isVariableDeclaration(declaration) ? typeOfConstant(declaration) : declaration.type;
  if (type === undefined) return [];
  const members: readonly ts.TypeNode[] = ts.isUnionTypeNode(type) ? type.types : [type];
  return members.filter(ts.isTypeReferenceNode).flatMap(({ typeName }) => {
    const symbol = checker.getSymbolAtLocation(typeName);
    if (symbol === undefined || isExported(typeName.getText())) return [];
    const helper = targetOf(symbol, checker);
    const [first] = helper.declarations ?? [];
    if (first === undefined || isForeign(first) || ts.isTypeParameterDeclaration(first)) return [];
    const shown = ts.isClassDeclaration(first) ? membersOf(first, checker) : partsOf(first, helper, checker);
    return [`\`${typeName.getText()}\`: ${docOf(helper, checker)}`, ...shown];
  });
}

function signatureOf(declaration: ts.FunctionDeclaration): string {
  const { name, typeParameters, parameters, type } = declaration;
  return `function ${name?.text ?? ""}${generic(typeParameters)}(${listOf(parameters)})${type ? `: ${flat(type)}` : ""}`;
}

/** As it is declared, or as the value is taken for. */
function typeOfConstant({ type, initializer }: ts.VariableDeclaration): ts.TypeNode | undefined {
  return type ?? (initializer !== undefined && ts.isAsExpression(initializer) ? initializer.type : undefined);
}

function constantOf(declaration: ts.VariableDeclaration, checker: ts.TypeChecker): string {
  const { name, type } = declaration;
  const shown =
    type === undefined
      ? checker.typeToString(checker.getTypeAtLocation(name), undefined, ts.TypeFormatFlags.NoTruncation)
      : flat(type);
  return `const ${name.getText()}: ${shown}`;
}

/** A class without a constructor of its own is made without arguments, or as the class that it extends. */
function constructorsOf(declaration: ts.ClassDeclaration): readonly string[] {
  const name = declaration.name?.text ?? "";
  const isAbstract = declaration.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.AbstractKeyword) ?? false;
  const own = declaration.members.filter(ts.isConstructorDeclaration);
  if (isAbstract) return [code(`abstract class ${name}${generic(declaration.typeParameters)}`)];
  if (own.length === 0) return [code(`class ${name}${generic(declaration.typeParameters)}`)];
  return own.map(({ parameters }) => code(`new ${name}${generic(declaration.typeParameters)}(${listOf(parameters)})`));
}

function membersOf(
  declaration: ts.InterfaceDeclaration | ts.ClassDeclaration,
  checker: ts.TypeChecker,
): readonly string[] {
  const type = checker.getTypeAtLocation(declaration);
  const rows = checker.getPropertiesOfType(type).flatMap((member) => rowOf(member, checker));
  const calls = ts.isInterfaceDeclaration(declaration)
    ? declaration.members.filter(
        (member) => ts.isCallSignatureDeclaration(member) || ts.isConstructSignatureDeclaration(member),
      )
    : [];
  const signatures = calls.map((call) => code(withoutDocs(call).replace(/;$/u, "")));
  if (rows.length === 0) return signatures;
  const withDefaults = rows.some(({ byDefault }) => byDefault !== "");
  const head = withDefaults
    ? "| name | type | default | meaning |\n| --- | --- | --- | --- |"
    : "| name | type | meaning |\n| --- | --- | --- |";
  const lines = rows.map(({ name, shown, byDefault, meaning }) => {
    const cells = withDefaults ? [name, shown, byDefault, meaning] : [name, shown, meaning];
    return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  });
  return [...signatures, [head, ...lines].join("\n")];
}

interface Row {
  readonly name: string;
  readonly shown: string;
  readonly byDefault: string;
  readonly meaning: string;
}

/** What is ours and public: neither symbols, private members, nor what comes with JavaScript's own classes. */
function rowOf(member: ts.Symbol, checker: ts.TypeChecker): readonly Row[] {
  const [declaration] = member.declarations ?? [];
  if (declaration === undefined || isForeign(declaration) || isHidden(declaration)) return [];
  if (member.name.startsWith("__") || member.name === "prototype") return [];
  const [byDefault = ""] = member
    .getJsDocTags(checker)
    .filter(({ name }) => name === "default")
    .map(({ text }) => oneLine(ts.displayPartsToString(text)));
  const optional = (member.flags & ts.SymbolFlags.Optional) !== 0;
  const type = memberType(declaration, checker);
  if (type === "undefined") return []; // there to be left out
  const shown = `\`${type}\``;
  return [
    { name: `\`${member.name}${optional ? "?" : ""}\``, shown, byDefault, meaning: docOf(member, checker, true) },
  ];
}

function isForeign(declaration: ts.Declaration): boolean {
  return /node_modules/u.test(declaration.getSourceFile().fileName);
}

function isHidden(declaration: ts.Declaration): boolean {
  const flags = ts.getCombinedModifierFlags(declaration);
  if (flags & (ts.ModifierFlags.Private | ts.ModifierFlags.Protected)) return true;
  const name = ts.getNameOfDeclaration(declaration);
  return name !== undefined && (ts.isPrivateIdentifier(name) || ts.isComputedPropertyName(name));
}

function memberType(declaration: ts.Declaration, checker: ts.TypeChecker): string {
  if (ts.isMethodSignature(declaration) || ts.isMethodDeclaration(declaration)) {
    const { typeParameters, parameters, type } = declaration;
    return `${generic(typeParameters)}(${listOf(parameters)})${type ? ` => ${flat(type)}` : ""}`;
  }
  if (ts.isPropertySignature(declaration) || ts.isPropertyDeclaration(declaration) || ts.isGetAccessor(declaration)) {
    if (declaration.type !== undefined) return flat(declaration.type).replace(/ \| undefined$/u, "");
  }
  return checker.typeToString(checker.getTypeAtLocation(declaration));
}

function docOf(symbol: ts.Symbol, checker: ts.TypeChecker, inTable = false): string {
  const own = symbol.declarations?.some((declaration) => !isForeign(declaration)) ?? false;
  const text = own ? ownComment(symbol, checker) : "";
  const thrown = symbol.getJsDocTags(checker).filter(({ name }) => name === "throws");
  const throws = thrown.map(({ text: parts }) => `Throws ${thrownText(oneLine(ts.displayPartsToString(parts)))}.`);
  return inTable
    ? oneLine([text, ...throws].join(" "))
    : [plainText(text), ...throws.map(plainText)].join("\n\n").trim();
}

/** What a base class of JavaScript's own says of the same name is not meant. */
function ownComment(symbol: ts.Symbol, checker: ts.TypeChecker): string {
  const said = (symbol.declarations ?? []).some((declaration) => ts.getJSDocCommentsAndTags(declaration).length > 0);
  return said ? ts.displayPartsToString(symbol.getDocumentationComment(checker)) : "";
}

/** `{@link Type}` becomes code. */
const plainText = (text: string): string => text.replaceAll(/\{@link (\w+)\}/gu, "`$1`").replace(/\.\.$/u, ".");
/** `{Type}` at the beginning names what is thrown. */
const thrownText = (text: string): string => text.replace(/^\{(\w+)\}/u, "`$1`");
const oneLine = (text: string): string => plainText(text).replaceAll(/\s+/gu, " ").trim();
/** Not `ts`, as programs are marked that a test compiles. */
const code = (text: string): string => ["```typescript", text, "```"].join("\n");
const flat = (node: ts.Node): string => withoutDocs(node).replaceAll(/\s+/gu, " ");
const listOf = (nodes: readonly ts.Node[]): string => nodes.map(flat).join(", ");
const generic = (nodes: readonly ts.Node[] | undefined): string => (nodes === undefined ? "" : `<${listOf(nodes)}>`);

function withoutDocs(node: ts.Node): string {
  return node
    .getText()
    .replaceAll(/\/\*\*.*?\*\/\s*/gsu, "")
    .replace(/^export /u, "");
}
