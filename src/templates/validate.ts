import { Cursor } from './cursor.ts';
import { type Expression, readExpression, readFilters, readPrimary, readTuple } from './expressions.ts';
import { quoted, TemplateError } from './tokens.ts';

const MOST_LOOPS = 10;
const DEEPEST_LOOPS = 2;

/**
 * Reads a template as Jinja would, and refuses more loops than Prefect allows. The names of filters and tests aren't
 * looked at.
 * @throws TemplateError
 */
export function validateTemplate(template: string): void {
  const { loops, depth } = new Reader(template).read();
  if (loops > MOST_LOOPS) {
    throw new TemplateError(
      `Contains ${loops} for loops. Templates can contain no more than ${MOST_LOOPS} for loops.`,
      0,
    );
  }
  if (depth > DEEPEST_LOOPS) {
    throw new TemplateError(
      `Contains nested for loops at a depth of ${depth}. Templates can nest for loops no more than ${DEEPEST_LOOPS} loops deep.`,
      0,
    );
  }
}

const NOTHING: Expression = { kind: 'nothing' };

/** The statements of a template. `open` are the tags around the place, `wanted` the ends that each of them may have. */
class Reader {
  private readonly at: Cursor;
  private readonly open: string[] = [];
  private readonly wanted: string[][] = [];
  private loops = 0;
  private around = 0;
  private depth = 0;

  private readonly statements: Record<string, () => void> = {
    for: () => this.loop(),
    if: () => this.choice(),
    block: () => this.block(),
    extends: () => void readExpression(this.at),
    print: () => this.print(),
    macro: () => this.macro(),
    include: () => this.include(),
    from: () => this.fromImport(),
    import: () => this.import(),
    set: () => this.assignment(),
    with: () => this.scope(),
    autoescape: () => {
      readExpression(this.at);
      this.bodyUntil('endautoescape');
    },
    call: () => this.callBlock(),
    filter: () => {
      readFilters(this.at, NOTHING, true);
      this.bodyUntil('endfilter');
    },
  };

  constructor(template: string) {
    this.at = new Cursor(template);
  }

  read(): { loops: number; depth: number } {
    this.readUntil();
    return { loops: this.loops, depth: this.depth };
  }

  /** Up to one of these tags, or to the end of the template. */
  private readUntil(ends?: string[]): void {
    if (ends) this.wanted.push(ends);
    while (!this.at.is('eof')) {
      const { type } = this.at.take();
      if (type === 'variable_begin') {
        readTuple(this.at);
        this.at.expect('variable_end');
      } else if (type === 'block_begin') {
        if (ends && this.at.isName(...ends)) break;
        this.statement();
        this.at.expect('block_end');
      }
    }
    if (ends && this.at.is('eof')) this.failAtTag(null);
    if (ends) this.wanted.pop();
  }

  private statement(): void {
    const { type, value, line } = this.at.look();
    if (type !== 'name') this.at.fail('tag name expected', line);
    const read = Object.hasOwn(this.statements, value) ? this.statements[value] : undefined;
    if (!read) this.failAtTag(value);
    this.at.take();
    this.open.push(value);
    read();
    this.open.pop();
  }

  /** The rest of a tag and what follows it, to one of the ends; gives back which. */
  private body(...ends: string[]): string {
    this.at.skip(':');
    this.at.expect('block_end');
    this.at.within(() => this.readUntil(ends));
    return this.at.take().value;
  }

  private bodyUntil(end: string): void {
    this.body(end);
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

  private loop(): void {
    this.loops++;
    this.depth = Math.max(this.depth, ++this.around);
    this.target({ endsAt: 'in' });
    this.at.expectName('in');
    readTuple(this.at, { readPart: () => readExpression(this.at, false), endsAt: 'recursive' });
    if (this.at.skipName('if')) readExpression(this.at);
    this.at.skipName('recursive');
    if (this.body('endfor', 'else') === 'else') this.bodyUntil('endfor');
    this.around--;
  }

  private choice(): void {
    let end = 'elif';
    while (end === 'elif') {
      readTuple(this.at, { readPart: () => readExpression(this.at, false) });
      end = this.body('elif', 'else', 'endif');
    }
    if (end === 'else') this.bodyUntil('endif');
  }

  private block(): void {
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
  }

  private print(): void {
    for (let isFirst = true; !this.at.is('block_end'); isFirst = false) {
      if (!isFirst) this.at.expect(',');
      readExpression(this.at);
    }
  }

  private macro(): void {
    this.at.expect('name');
    this.signature();
    this.bodyUntil('endmacro');
  }

  private signature(): void {
    this.at.expect('(');
    let hasDefault = false;
    for (let isFirst = true; !this.at.is(')'); isFirst = false) {
      if (!isFirst) this.at.expect(',');
      this.at.expect('name');
      if (this.at.skip('=')) {
        readExpression(this.at);
        hasDefault = true;
      } else if (hasDefault) this.at.fail('non-default argument follows default argument');
    }
    this.at.expect(')');
  }

  private callBlock(): void {
    const { line } = this.at.look();
    if (this.at.is('(')) this.signature();
    if (readExpression(this.at).kind !== 'call') this.at.fail('expected call', line);
    this.bodyUntil('endcall');
  }

  private include(): void {
    readExpression(this.at);
    if (this.at.isName('ignore') && this.at.look(1).value === 'missing') {
      this.at.take();
      this.at.take();
    }
    this.context();
  }

  private import(): void {
    readExpression(this.at);
    this.at.expectName('as');
    this.at.expect('name');
    this.context();
  }

  private fromImport(): void {
    readExpression(this.at);
    this.at.expectName('import');
    for (let isFirst = true; ; isFirst = false) {
      if (!isFirst) this.at.expect(',');
      if (!isFirst && this.context()) return;
      const { value, line } = this.at.expect('name');
      if (value.startsWith('_')) this.at.fail('names starting with an underline can not be imported', line);
      if (this.at.skipName('as')) this.at.expect('name');
      if (this.context() || !this.at.is(',')) return;
    }
  }

  /** `with context` and `without context`. */
  private context(): boolean {
    if (!this.at.isName('with', 'without') || this.at.look(1).value !== 'context') return false;
    this.at.take();
    this.at.take();
    return true;
  }

  private assignment(): void {
    this.target({ withNamespace: true });
    if (this.at.skip('=')) readTuple(this.at);
    else {
      readFilters(this.at, NOTHING);
      this.bodyUntil('endset');
    }
  }

  private scope(): void {
    for (let isFirst = true; !this.at.is('block_end'); isFirst = false) {
      if (!isFirst) this.at.expect(',');
      this.target({});
      this.at.expect('=');
      readExpression(this.at);
    }
    this.bodyUntil('endwith');
  }

  /** What a value can be given to: names, or some in a tuple. */
  private target({ withNamespace = false, endsAt }: { withNamespace?: boolean; endsAt?: string }): void {
    const { line } = this.at.look();
    const found = readTuple(this.at, { readPart: () => readPrimary(this.at, withNamespace), endsAt });
    if (!isAssignable(found)) this.at.fail(`can't assign to ${quoted(found.kind)}`, line);
  }
}

function isAssignable({ kind, parts = [] }: Expression): boolean {
  return kind === 'name' || kind === 'nsref' || (kind === 'tuple' && parts.every(isAssignable));
}
