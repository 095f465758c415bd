import { Cursor } from './cursor.ts';
import { readExpression } from './expressions.ts';
import { readFromImport, readImport, readInclude } from './loads.ts';
import { readFilters } from './postfix.ts';
import { readTuple } from './primary.ts';
import { readSignature, readTarget } from './targets.ts';
import { quoted } from './tokens.ts';
import type { Expression, MacroShape, Statement } from './tree.ts';

const NOTHING: Expression = { kind: 'nothing' };

export interface ReadTemplate {
  body: Statement[];
  loops: number;
  /** How many of them are around each other at most. */
  depth: number;
}

/** The statements of a template. `open` are the tags around the place, `wanted` the ends that each of them may have. */
export class StatementReader {
  private readonly at: Cursor;
  private readonly open: string[] = [];
  private readonly wanted: string[][] = [];
  private loops = 0;
  private around = 0;
  private depth = 0;

  private readonly readers: Record<string, () => Statement> = {
    for: () => this.loop(),
    if: () => this.choice(),
    block: () => this.block(),
    extends: () => {
      readExpression(this.at);
      return { kind: 'load' };
    },
    print: () => this.print(),
    macro: () => this.macro(),
    include: () => readInclude(this.at),
    from: () => readFromImport(this.at),
    import: () => readImport(this.at),
    set: () => this.assignment(),
    with: () => this.scope(),
    autoescape: () => {
      readExpression(this.at);
      this.bodyUntil('endautoescape');
      return { kind: 'unread', tag: 'autoescape' };
    },
    call: () => this.callBlock(),
    filter: () => {
      const filter = readFilters(this.at, NOTHING, true);
      return { kind: 'filter block', filter, body: this.bodyUntil('endfilter') };
    },
  };

  constructor(template: string) {
    this.at = new Cursor(template);
  }

  /** @throws TemplateError */
  read(): ReadTemplate {
    const body = this.readUntil();
    return { body, loops: this.loops, depth: this.depth };
  }

  /** Up to one of these tags, or to the end of the template. */
  private readUntil(ends?: string[]): Statement[] {
    const body: Statement[] = [];
    if (ends) this.wanted.push(ends);
    while (!this.at.is('eof')) {
      const { type, value } = this.at.take();
      if (type === 'data') body.push({ kind: 'text', text: value });
      else if (type === 'variable_begin') {
        body.push({ kind: 'print', value: readTuple(this.at) });
        this.at.expect('variable_end');
      } else if (type === 'block_begin') {
        if (ends && this.at.isName(...ends)) break;
        body.push(this.statement());
        this.at.expect('block_end');
      }
    }
    if (ends && this.at.is('eof')) this.failAtTag(null);
    if (ends) this.wanted.pop();
    return body;
  }

  private statement(): Statement {
    const { type, value, line } = this.at.look();
    if (type !== 'name') this.at.fail('tag name expected', line);
    const read = Object.hasOwn(this.readers, value) ? this.readers[value] : undefined;
    if (!read) this.failAtTag(value);
    this.at.take();
    this.open.push(value);
    const statement = read();
    this.open.pop();
    return statement;
  }

  /** The rest of a tag and what follows it, to one of the ends; gives back which. */
  private body(...ends: string[]): { body: Statement[]; end: string } {
    this.at.skip(':');
    this.at.expect('block_end');
    const body = this.at.within(() => this.readUntil(ends));
    return { body, end: this.at.take().value };
  }

  private bodyUntil(end: string): Statement[] {
    return this.body(end).body;
  }

  private failAtTag(name: string | null): never {
    const words = [
      name === null ? 'Unexpected end of template.' : `Encountered unknown tag ${quoted(name)}.`,
    ];
    const looked = this.wanted.at(-1)?.map(quoted).join(' or ');
    if (looked && name !== null && this.wanted.flat().includes(name)) {
      words.push(
        `You probably made a nesting mistake. Jinja is expecting this tag, but currently looking for ${looked}.`,
      );
    } else if (looked) words.push(`Jinja was looking for the following tags: ${looked}.`);
    const innermost = this.open.at(-1);
    if (innermost) words.push(`The innermost block that needs to be closed is ${quoted(innermost)}.`);
    return this.at.fail(words.join(' '));
  }

  private loop(): Statement {
    this.loops++;
    this.depth = Math.max(this.depth, ++this.around);
    const target = readTarget(this.at, { endsAt: 'in' });
    this.at.expectName('in');
    const over = readTuple(this.at, { readPart: () => readExpression(this.at, false), endsAt: 'recursive' });
    const test = this.at.skipName('if') ? readExpression(this.at) : undefined;
    const isRecursive = this.at.skipName('recursive');
    const { body, end } = this.body('endfor', 'else');
    const otherwise = end === 'else' ? this.bodyUntil('endfor') : [];
    this.around--;
    return { kind: 'for', target, over, ...(test && { test }), isRecursive, body, otherwise };
  }

  private choice(): Statement {
    const branches: { test: Expression; body: Statement[] }[] = [];
    let end = 'elif';
    while (end === 'elif') {
      const test = readTuple(this.at, { readPart: () => readExpression(this.at, false) });
      const read = this.body('elif', 'else', 'endif');
      branches.push({ test, body: read.body });
      end = read.end;
    }
    return { kind: 'if', branches, otherwise: end === 'else' ? this.bodyUntil('endif') : [] };
  }

  private block(): Statement {
    const { value } = this.at.expect('name');
    this.at.skipName('scoped');
    this.at.skipName('required');
    if (this.at.is('-')) {
      this.at.fail(
        'Block names in Jinja have to be valid Python identifiers and may not contain hyphens, use an underscore instead.',
      );
    }
    this.bodyUntil('endblock');
    this.at.skipName(value);
    return { kind: 'unread', tag: 'block' };
  }

  private print(): Statement {
    const parts: Expression[] = [];
    while (!this.at.is('block_end')) {
      if (parts.length > 0) this.at.expect(',');
      parts.push(readExpression(this.at));
    }
    return { kind: 'if', branches: [], otherwise: parts.map((value) => ({ kind: 'print', value })) };
  }

  private macro(): Statement {
    const { value: name } = this.at.expect('name');
    const macro = this.shape(name, () => ({
      parameters: readSignature(this.at),
      body: this.bodyUntil('endmacro'),
    }));
    return { kind: 'macro', macro };
  }

  /** Reads a macro, with the names that it reads. */
  private shape(name: string | null, read: () => Pick<MacroShape, 'parameters' | 'body'>): MacroShape {
    const outside = this.at.names;
    const reads = new Set<string>();
    this.at.names = reads;
    const found = read();
    this.at.names = new Set([...outside, ...reads]);
    return { name, ...found, reads };
  }

  private callBlock(): Statement {
    const { line } = this.at.look();
    let call: Expression = NOTHING;
    const macro = this.shape(null, () => {
      const parameters = this.at.is('(') ? readSignature(this.at) : [];
      call = readExpression(this.at);
      if (call.kind !== 'call') this.at.fail('expected call', line);
      return { parameters, body: this.bodyUntil('endcall') };
    });
    return { kind: 'call block', macro, call };
  }

  private assignment(): Statement {
    const target = readTarget(this.at, { withNamespace: true });
    if (this.at.skip('=')) return { kind: 'set', target, value: readTuple(this.at) };
    const filter = readFilters(this.at, NOTHING);
    return { kind: 'set block', target, filter, body: this.bodyUntil('endset') };
  }

  private scope(): Statement {
    const pairs: [Expression, Expression][] = [];
    for (let isFirst = true; !this.at.is('block_end'); isFirst = false) {
      if (!isFirst) this.at.expect(',');
      const target = readTarget(this.at, {});
      this.at.expect('=');
      pairs.push([target, readExpression(this.at)]);
    }
    return { kind: 'with', pairs, body: this.bodyUntil('endwith') };
  }
}
