/** Finds the sentences with which commands end: what the constructors of the errors are called with, in the sources. */
import { parseAst } from 'rolldown/parseAst';

interface Node {
  readonly type: string;
  readonly [field: string]: unknown;
}

/** One call of a constructor; a part that is known only at run time is `…`. */
export interface Sentence {
  codes: string[];
  text: string;
  /** Where the call begins in the source. */
  start: number;
}

const UNKNOWN = '…';
/** More ways to say it than these are no longer read by anyone. */
const MOST_VARIANTS = 6;
const SCOPES = new Set([
  'FunctionDeclaration',
  'FunctionExpression',
  'ArrowFunctionExpression',
  'BlockStatement',
]);

/** @param classes The names of the error classes, whose arguments begin with a code and a sentence. */
export function readSentences(source: string, classes: readonly string[]): Sentence[] {
  const file = new SourceFile(parseAst(source, { lang: 'ts' }) as unknown as Node);
  return file.constructions(classes).flatMap(([construction, scope]) => {
    const [code, text] = construction['arguments'] as Node[];
    return file.render(text!, scope, true).map((one) => ({
      codes: file.render(code!, scope, true),
      text: tidy(one),
      start: Number(construction['start']),
    }));
  });
}

const tidy = (text: string): string => text.replace(/…(…)+/g, UNKNOWN).replace(/ +/g, ' ').trim();

/** A function or a block, with those around it. */
interface Scope {
  node: Node;
  name: string | null;
  parent: Scope | null;
}

class SourceFile {
  private readonly root: Scope;

  constructor(program: Node) {
    this.root = { node: program as Node, name: null, parent: null };
  }

  constructions(classes: readonly string[]): [Node, Scope][] {
    return this.find((node) => node.type === 'NewExpression' && classes.includes(nameOf(node['callee'])));
  }

  /** Every way in which an expression may read. `calls`: what a parameter is given is looked up where it is called. */
  render(node: Node, scope: Scope, calls: boolean): string[] {
    const fields = node as Node;
    switch (node.type) {
      case 'Literal':
        return [String(fields['value'])];
      case 'TemplateLiteral':
        return this.template(fields, scope, calls);
      case 'BinaryExpression':
        return fields['operator'] === '+'
          ? join([
              this.render(fields['left'] as Node, scope, calls),
              this.render(fields['right'] as Node, scope, calls),
            ])
          : [UNKNOWN];
      case 'ConditionalExpression':
        return this.either(fields, scope, calls);
      case 'Identifier':
        return this.named(String(fields['name']), scope, calls);
      default:
        return [UNKNOWN];
    }
  }

  /** A part that may be missing stands in brackets: twice the sentences would tell no more. */
  private either(fields: Node, scope: Scope, calls: boolean): string[] {
    const some = this.render(fields['consequent'] as Node, scope, calls);
    const others = this.render(fields['alternate'] as Node, scope, calls);
    if (some.join() === '') return others.map((text) => `[${text}]`);
    return others.join() === '' ? some.map((text) => `[${text}]`) : unique([...some, ...others]);
  }

  private template(fields: Node, scope: Scope, calls: boolean): string[] {
    const quasis = fields['quasis'] as { value: { cooked: string } }[];
    const parts = (fields['expressions'] as Node[]).map((expression) => {
      const variants = this.render(expression, scope, calls);
      return variants.length > MOST_VARIANTS ? [UNKNOWN] : variants;
    });
    return join(quasis.flatMap(({ value }, i) => [[value.cooked], parts[i] ?? ['']]));
  }

  private named(name: string, scope: Scope | null, calls: boolean): string[] {
    for (let at = scope; at; at = at.parent) {
      const own = declarations(at.node).get(name);
      if (own) return this.render(own, at, calls);
      const index = parameters(at.node).indexOf(name);
      if (index >= 0) return calls ? this.given(at, index) : [UNKNOWN];
    }
    return [UNKNOWN];
  }

  /** What a function's callers in this file pass as one of its parameters. */
  private given({ name }: Scope, index: number): string[] {
    if (name === null) return [UNKNOWN];
    const callers = this.find((node) => node.type === 'CallExpression' && nameOf(node['callee']) === name);
    const passed = callers.flatMap(([call, scope]) => {
      const argument = (call['arguments'] as Node[])[index];
      return argument ? this.render(argument, scope, false) : [];
    });
    const known = unique(passed.filter((text) => text !== UNKNOWN));
    return known.length === 0 ? [UNKNOWN] : known;
  }

  private find(wanted: (node: Node) => boolean): [Node, Scope][] {
    const found: [Node, Scope][] = [];
    const visit = (value: unknown, scope: Scope, name: string | null): void => {
      if (Array.isArray(value)) for (const one of value) visit(one, scope, null);
      if (typeof value !== 'object' || value === null || !('type' in value)) return;
      const node = value as Node;
      if (wanted(node)) found.push([node, scope]);
      const own = nameOf(node['id']) || name;
      const inner = SCOPES.has(node.type) ? { node, name: own, parent: scope } : scope;
      for (const child of Object.values(node))
        visit(child, inner, node.type === 'VariableDeclarator' ? own : null);
    };
    visit(this.root.node, this.root, null);
    return found;
  }
}

const nameOf = (node: unknown): string => (node as { name?: string } | null)?.name ?? '';
const unique = (texts: string[]): string[] => [...new Set(texts)];

function join(parts: string[][]): string[] {
  let texts = [''];
  for (const part of parts) texts = texts.flatMap((text) => part.map((one) => text + one));
  return unique(texts);
}

function parameters(node: Node): string[] {
  return ((node['params'] as unknown[]) ?? []).map((one) => nameOf(one) || nameOf((one as Node)['left']));
}

/** Constants of a block, or of the file; not those of blocks inside it. */
function declarations({ body }: Node): Map<string, Node> {
  const statements = (Array.isArray(body) ? body : []) as Node[];
  const declared = statements.map(
    (one) => (one.type === 'ExportNamedDeclaration' ? one['declaration'] : one) as Node,
  );
  const variables = declared.flatMap(
    (one) => (one?.type === 'VariableDeclaration' ? one['declarations'] : []) as Node[],
  );
  return new Map(
    variables.filter((one) => one['init']).map((one) => [nameOf(one['id']), one['init'] as Node]),
  );
}
