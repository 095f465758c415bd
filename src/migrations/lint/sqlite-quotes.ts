import type { KnownSchema } from '../facts/known-schema.ts';
import type { NumberedFacts } from '../facts/revision-facts.ts';
import { tokensOf } from '../facts/tokens.ts';
import { columnsOf } from '../sqlite/facts/rebuild.ts';
import type { LintContext } from './lint.ts';
import type { FindingsByStatement } from './linted.ts';

/** SQLite takes a name in double quotes that it doesn't know for a string, unless it was built not to. */
export function lintQuotedStrings(
  facts: readonly NumberedFacts[],
  { before, after }: LintContext,
  findings: FindingsByStatement,
): void {
  if (!before || !after) return;
  const names = new Set([...namesOf(before), ...namesOf(after), ...facts.flatMap(namesMadeBy)]);
  facts.forEach((one, index) => {
    if (/^rebuild: copy/.test(one.kind)) return;
    for (const name of quotedIn(one.text)) {
      if (names.has(name)) continue;
      const advice = `"${name}" is no table, column or index, so that SQLite may take it for a string: write '${name}'`;
      findings.hazard(index, 'quoted-string', one.tables[0] ?? '*', advice);
    }
  });
}

function quotedIn(text: string): string[] {
  const names = tokensOf(text).filter(({ kind, start }) => kind === 'name' && text[start] === '"');
  return [...new Set(names.map(({ value }) => value))];
}

function* namesOf(schema: KnownSchema): Generator<string> {
  for (const table of schema.values()) {
    yield table.name;
    for (const names of [table.columns, table.indexes, table.foreignKeys, table.keys, table.checks])
      yield* names.keys();
  }
}

/** Words after which a name is given, not used. */
const NAMES = new Set([
  'as',
  'to',
  'table',
  'index',
  'trigger',
  'view',
  'constraint',
  'exists',
  'add',
  'column',
]);

function namesMadeBy({ text, kind }: NumberedFacts): string[] {
  const tokens = tokensOf(text);
  const made = tokens
    .filter((_, index) => NAMES.has(tokens[index - 1]?.value ?? ''))
    .map(({ value }) => value);
  return kind === 'create table' || kind === 'rebuild: new table'
    ? [...made, ...columnsOf(text).keys()]
    : made;
}
