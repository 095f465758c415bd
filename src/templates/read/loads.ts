/** Reads the tags that would fetch other templates. */
import type { Cursor } from './cursor.ts';
import { readExpression } from './expressions.ts';
import type { Statement } from './tree.ts';

export function readInclude(at: Cursor): Statement {
  readExpression(at);
  if (at.isName('ignore') && at.look(1).value === 'missing') {
    at.take();
    at.take();
  }
  readContext(at);
  return { kind: 'load' };
}

export function readImport(at: Cursor): Statement {
  readExpression(at);
  at.expectName('as');
  at.expect('name');
  readContext(at);
  return { kind: 'load' };
}

export function readFromImport(at: Cursor): Statement {
  readExpression(at);
  at.expectName('import');
  for (let isFirst = true; ; isFirst = false) {
    if (!isFirst) at.expect(',');
    if (!isFirst && readContext(at)) return { kind: 'load' };
    const { value, line } = at.expect('name');
    if (value.startsWith('_')) at.fail('names starting with an underline can not be imported', line);
    if (at.skipName('as')) at.expect('name');
    if (readContext(at) || !at.is(',')) return { kind: 'load' };
  }
}

/** `with context` and `without context`. */
function readContext(at: Cursor): boolean {
  if (!at.isName('with', 'without') || at.look(1).value !== 'context') return false;
  at.take();
  at.take();
  return true;
}
