import { relative } from 'node:path';
import ts from 'typescript';

/** A type that a signature of an entry mentions, and that the entry does not export. */
export interface UnexportedType {
  readonly name: string;
  /** Its declaration file, relative to the folder. */
  readonly file: string;
  /** The declarations that mention it. */
  readonly mentionedBy: readonly string[];
}

/**
 * Compiles the declaration files of entries, all at once.
 * @returns a search for the types of an entry that a program can meet but not import
 */
export function declarationsOf(
  entries: readonly string[],
): (entry: string, folder: string) => readonly UnexportedType[] {
  const program = ts.createProgram(entries, {
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    target: ts.ScriptTarget.ES2022,
    skipLibCheck: true,
    types: ['node'],
  });
  return (entry, folder) => new Search(program.getTypeChecker(), folder).from(program.getSourceFile(entry));
}

/**
 * Finds the types declared in `folder` that the exports of an entry mention, directly or through other types, without
 * being exports themselves. An alias that a module does not export counts as the type it stands for. Private members of
 * classes are left out.
 */
class Search {
  private readonly found = new Map<ts.Symbol, { readonly file: string; readonly mentionedBy: Set<string> }>();
  private readonly seen = new Set<ts.Symbol>();
  private readonly exports = new Map<ts.SourceFile, ReadonlySet<ts.Symbol>>();
  private exported: ReadonlySet<ts.Symbol> = new Set();

  constructor(
    private readonly checker: ts.TypeChecker,
    private readonly folder: string,
  ) {}

  from(entry: ts.SourceFile | undefined): readonly UnexportedType[] {
    if (entry === undefined) throw new Error('The entry is not there. Run npm run build.');
    this.exported = this.exportsOf(entry);
    for (const symbol of this.exported) this.follow(symbol);
    return [...this.found]
      .map(([{ name }, { file, mentionedBy }]) => ({ name, file, mentionedBy: [...mentionedBy].sort() }))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  private follow(symbol: ts.Symbol): void {
    if (this.seen.has(symbol)) return;
    this.seen.add(symbol);
    for (const declaration of symbol.declarations ?? []) {
      if (!this.isOurs(declaration)) continue;
      if (ts.isSourceFile(declaration)) for (const inner of this.exportsOf(declaration)) this.follow(inner);
      else this.visit(declaration, symbol.name);
    }
  }

  private visit(node: ts.Node, owner: string): void {
    if (ts.canHaveModifiers(node) && node.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.PrivateKeyword)) return;
    const name = nameIn(node);
    const symbol = name && this.checker.getSymbolAtLocation(name);
    if (symbol !== undefined) this.meet(this.resolved(symbol), owner);
    ts.forEachChild(node, (child) => this.visit(child, owner));
  }

  private meet(symbol: ts.Symbol, owner: string): void {
    const declaration = symbol.declarations?.[0];
    if (declaration === undefined || !this.isOurs(declaration) || ts.isTypeParameterDeclaration(declaration)) return;
    if (!this.exported.has(symbol) && !this.isPartOfAnother(symbol, declaration)) {
      const found = this.found.get(symbol) ?? { file: this.fileOf(declaration), mentionedBy: new Set() };
      found.mentionedBy.add(owner);
      this.found.set(symbol, found);
    }
    this.follow(symbol);
  }

  /** A global needs no import, and an alias that its module keeps to itself stands for its type. */
  private isPartOfAnother(symbol: ts.Symbol, declaration: ts.Declaration): boolean {
    if (this.exportsOf(declaration.getSourceFile()).has(symbol)) return false;
    return ts.isTypeAliasDeclaration(declaration) || ts.isModuleBlock(declaration.parent);
  }

  private exportsOf(file: ts.SourceFile): ReadonlySet<ts.Symbol> {
    const known = this.exports.get(file);
    if (known !== undefined) return known;
    const module = this.checker.getSymbolAtLocation(file);
    const symbols = module === undefined ? [] : this.checker.getExportsOfModule(module);
    const exports = new Set(symbols.map((each) => this.resolved(each)));
    this.exports.set(file, exports);
    return exports;
  }

  private resolved(symbol: ts.Symbol): ts.Symbol {
    return symbol.flags & ts.SymbolFlags.Alias ? this.checker.getAliasedSymbol(symbol) : symbol;
  }

  private isOurs(declaration: ts.Node): boolean {
    return !this.fileOf(declaration).startsWith('..');
  }

  private fileOf(declaration: ts.Node): string {
    return relative(this.folder, declaration.getSourceFile().fileName);
  }
}

/** The name of the type that this node mentions. */
function nameIn(node: ts.Node): ts.Node | undefined {
  if (ts.isTypeReferenceNode(node)) return node.typeName;
  if (ts.isExpressionWithTypeArguments(node)) return node.expression;
  if (ts.isImportTypeNode(node)) return node.qualifier;
  return undefined;
}
