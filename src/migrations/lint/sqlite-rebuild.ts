import type { Scene } from '../facts/facts.ts';
import type { KnownIndex, KnownTable } from '../facts/known-schema.ts';
import { Reader } from '../facts/reader.ts';
import type { NumberedFacts } from '../facts/revision-facts.ts';
import { columnsOf } from '../sqlite/facts/rebuild.ts';
import type { LintContext } from './lint.ts';
import type { FindingsByStatement } from './linted.ts';
import { lintColumns } from './sqlite-columns.ts';

/** The statements of one, by their places in the list. */
export interface Rebuild {
  readonly table: string;
  readonly create: number;
  readonly copy: number;
  readonly drop: number;
}

export function rebuildsIn(facts: readonly NumberedFacts[]): Rebuild[] {
  return facts.flatMap((one, create) => {
    const table = one.tables[0];
    if (one.kind !== 'rebuild: new table' || !table) return [];
    const next = (kind: string) =>
      facts.findIndex((other, at) => at > create && other.kind === kind && other.tables[0] === table);
    const [copy, drop] = [next('rebuild: copy'), next('rebuild: drop old')];
    return copy < 0 || drop < 0 ? [] : [{ table, create, copy, drop }];
  });
}

export function lintRebuild(
  rebuild: Rebuild,
  facts: readonly NumberedFacts[],
  context: LintContext,
  scene: Scene,
  findings: FindingsByStatement,
): void {
  const name = scene.renamed.get(rebuild.table) ?? rebuild.table;
  const old = context.before?.get(name);
  lintOptions(rebuild, name, facts, context, findings);
  lintTriggers(rebuild, name, context, findings);
  if (!old) return;
  lintIndexes(rebuild, old, facts, context, findings);
  lintColumns(rebuild, old, facts, scene, findings);
}

/** What SQLite keeps in the text of a table alone. */
const OPTIONS = [
  ['AUTOINCREMENT', /\bautoincrement\b/i],
  ['WITHOUT ROWID', /\bwithout\s+rowid\b/i],
  ['STRICT', /\)\s*(?:without\s+rowid\s*,\s*)?strict\b/i],
] as const;
const COLLATION = /\bcollate\s+["`]?(\w+)/i;

function lintOptions(
  { table, create }: Rebuild,
  name: string,
  facts: readonly NumberedFacts[],
  { history }: LintContext,
  findings: FindingsByStatement,
): void {
  const [before, after] = [history.tables.get(name), facts[create]!.text];
  if (!before) return;
  for (const [option, pattern] of OPTIONS) {
    if (!pattern.test(before) || pattern.test(after)) continue;
    findings.hazard(create, 'lost-option', table, `it was ${option} and isn't any more: put it back`);
  }
  const columns = columnsOf(after);
  for (const [column, definition] of columnsOf(before)) {
    const collation = COLLATION.exec(definition)?.[1];
    const now = columns.get(column);
    if (
      !collation ||
      now === undefined ||
      COLLATION.exec(now)?.[1]?.toLowerCase() === collation.toLowerCase()
    )
      continue;
    findings.hazard(
      create,
      'lost-collation',
      table,
      `${column} was compared by ${collation}: put COLLATE back`,
    );
  }
}

function lintTriggers(
  { table, drop }: Rebuild,
  name: string,
  { history }: LintContext,
  findings: FindingsByStatement,
): void {
  const triggers = [...history.triggers].filter(([, of]) => of === name).map(([trigger]) => trigger);
  if (triggers.length === 0) return;
  const advice = `the runner makes ${triggers.join(', ')} again as before: see that the new columns suit it`;
  findings.hazard(drop, 'trigger', table, advice);
}

/** Indexes go with the old table; only those that the file makes after that are there again, whoever runs it. */
function lintIndexes(
  { table, drop }: Rebuild,
  old: KnownTable,
  facts: readonly NumberedFacts[],
  { after }: LintContext,
  findings: FindingsByStatement,
): void {
  const made = new Map(facts.slice(drop).flatMap(indexIn));
  const meant = after?.get(table)?.indexes;
  const dropped = new Set(facts.slice(0, drop).flatMap(droppedIndexIn));
  for (const [name, index] of old.indexes) {
    if (dropped.has(name)) continue;
    const now = made.get(name);
    if (!now) {
      findings.hazard(drop, 'lost-index', table, adviceOn(name, meant === undefined || meant.has(name)));
      continue;
    }
    for (const [key, lost] of lostOf(index, now)) {
      findings.hazard(drop, key, table, `${name} had ${lost} before: put it back`);
    }
  }
}

/** The runner takes for an operator's own what the file doesn't speak of. */
const adviceOn = (name: string, meant: boolean): string =>
  meant
    ? `${name} goes with the old table, and nothing but the runner makes it again: make it again here`
    : `the runner makes ${name} again, which the schema has no more: drop it by its name before the rebuild`;

function droppedIndexIn(facts: NumberedFacts): string[] {
  const reader = new Reader(facts.text);
  if (!reader.take('drop index')) return [];
  reader.take('if exists');
  return [reader.name()];
}

function indexIn(facts: NumberedFacts): [string, string][] {
  const reader = new Reader(facts.text);
  if (!reader.take('create unique index') && !reader.take('create index')) return [];
  reader.take('if not exists');
  return [[reader.name(), reader.rest()]];
}

function lostOf(index: KnownIndex, now: string): [rule: string, what: string][] {
  const lost: [string, string][] = [];
  for (const collation of index.columns.flatMap((key) => COLLATION.exec(key)?.[1] ?? [])) {
    if (!new RegExp(`\\bcollate\\s+["\`]?${collation}\\b`, 'i').test(now))
      lost.push(['lost-collation', `COLLATE ${collation}`]);
  }
  if (index.where && !/\bwhere\b/i.test(now)) lost.push(['lost-predicate', `WHERE ${index.where}`]);
  return lost;
}
