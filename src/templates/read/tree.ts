/** What a template is made of. Kinds are called as Jinja calls its nodes, for its messages name them. */
export interface Slice {
  kind: 'slice';
  bounds: (Expression | undefined)[];
}

export interface Arguments {
  plain: { value: Expression; isSpread: boolean }[];
  named: { name: string | null; value: Expression }[];
}

export type BinaryKind = 'add' | 'sub' | 'mul' | 'div' | 'floordiv' | 'mod' | 'pow';

export type Expression =
  | { kind: 'nothing' }
  | { kind: 'const'; value: null | boolean | bigint | number | string }
  | { kind: 'name'; name: string }
  | { kind: 'nsref'; name: string; member: string }
  | { kind: 'tuple' | 'list'; parts: Expression[] }
  | { kind: 'dict'; members: [key: Expression, value: Expression][] }
  | { kind: 'getattr'; of: Expression; name: string }
  | { kind: 'getitem'; of: Expression; key: Expression | Slice }
  | { kind: 'call'; of: Expression; args: Arguments }
  | { kind: 'filter' | 'test'; of: Expression; name: string; args: Arguments }
  | { kind: 'not' | 'neg' | 'pos'; of: Expression }
  | { kind: 'and' | 'or' | BinaryKind | 'concat'; left: Expression; right: Expression }
  | { kind: 'compare'; of: Expression; steps: [operator: string, operand: Expression][] }
  | { kind: 'condexpr'; test: Expression; yes: Expression; no?: Expression };

export interface Parameter {
  name: string;
  fallback?: Expression;
}

/** What can be called: a macro, or the inside of a call block. */
export interface MacroShape {
  name: string | null;
  parameters: Parameter[];
  body: Statement[];
  /** The names that its body reads: `varargs`, `kwargs` and `caller` are given only to who asks for them. */
  reads: ReadonlySet<string>;
}

export type Statement =
  | { kind: 'text'; text: string }
  | { kind: 'print'; value: Expression }
  | {
      kind: 'for';
      target: Expression;
      over: Expression;
      test?: Expression;
      isRecursive: boolean;
      body: Statement[];
      otherwise: Statement[];
    }
  | { kind: 'if'; branches: { test: Expression; body: Statement[] }[]; otherwise: Statement[] }
  | { kind: 'set'; target: Expression; value: Expression }
  | { kind: 'set block'; target: Expression; filter: Expression; body: Statement[] }
  | { kind: 'with'; pairs: [target: Expression, value: Expression][]; body: Statement[] }
  | { kind: 'macro'; macro: MacroShape }
  | { kind: 'call block'; macro: MacroShape; call: Expression }
  | { kind: 'filter block'; filter: Expression; body: Statement[] }
  /** Of other templates, of which there are none. */
  | { kind: 'load' }
  | { kind: 'unread'; tag: string };
