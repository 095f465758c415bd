import type { Scene } from '../facts/facts.ts';
import { columnOfKey, type KnownIndex, type KnownTable } from '../facts/known-schema.ts';
import { Reader } from '../facts/reader.ts';
import type { NumberedFacts } from '../facts/revision-facts.ts';
import { affinityOf, columnsOf, typeOf } from '../sqlite/facts-rebuild.ts';
import type { LintContext } from './lint.ts';
import type { FindingsByStatement } from './linted.ts';

/** The statements of one, by their places in the list. */
interface Rebuild {
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

/** Indexes go with the old table; only those that the file makes after that are there again. */
function lintIndexes(
  { table, drop }: Rebuild,
  old: KnownTable,
  facts: readonly NumberedFacts[],
  { after }: LintContext,
  findings: FindingsByStatement,
): void {
  const made = new Map(facts.slice(drop).flatMap(indexIn));
  const meant = after?.get(table)?.indexes;
  for (const [name, index] of old.indexes) {
    const now = made.get(name);
    if (!now) {
      if (meant && !meant.has(name)) findings.loss(drop, `index ${name}`);
      else findings.hazard(drop, 'lost-index', table, `${name} is gone with the old table: make it again`);
      continue;
    }
    for (const [key, lost] of lostOf(index, now)) {
      findings.hazard(drop, key, table, `${name} had ${lost} before: put it back`);
    }
  }
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

/** Column by column: where its values come from, and whether they still fit. */
function lintColumns(
  { table, create, copy }: Rebuild,
  old: KnownTable,
  facts: readonly NumberedFacts[],
  scene: Scene,
  findings: FindingsByStatement,
): void {
  const columns = columnsOf(facts[create]!.text);
  const values = copiedValues(facts[copy]!.text);
  for (const [column, definition] of columns) {
    const value = values.get(column);
    const needed = /\bnot\s+null\b/i.test(definition);
    const hasDefault = /\b(?:default|generated|as)\b/i.test(definition);
    if (value === undefined) {
      if (needed && !hasDefault)
        findings.hazard(
          copy,
          'no-value',
          table,
          `fails if it has rows, which have no ${column}: give it a default`,
        );
      continue;
    }
    const source = bareName(value);
    const before = source === null ? undefined : old.columns.get(sourceName(scene, table, source));
    if (source === null) continue;
    if (!before) {
      if (scene.renamedColumns.has(`${table}.${source}`)) continue;
      const advice = `${source} isn't in the old table, so that SQLite fails or copies the text '${source}' into every row`;
      findings.hazard(copy, 'new-column', table, advice);
      continue;
    }
    lintValue(column, definition, before, { table, copy, needed }, findings);
  }
  const kept = new Set([...values.values()].flatMap((value) => namesIn(value)));
  for (const column of old.columns.keys()) {
    if (!kept.has(column) && !isRenamed(scene, table, column)) lostColumn(column, table, copy, findings);
  }
}

function lintValue(
  column: string,
  definition: string,
  before: { type: string; notNull: boolean },
  { table, copy, needed }: { table: string; copy: number; needed: boolean },
  findings: FindingsByStatement,
): void {
  if (needed && !before.notNull) {
    const advice = `fails if a row has no ${column}: copy coalesce(${column}, <value>), or fill it before`;
    findings.hazard(copy, 'not-null', table, advice);
  }
  const [from, to] = [affinityOf(before.type), affinityOf(typeOf(definition))];
  if (from === to) return;
  const advice = `${column} is stored as ${to} and was stored as ${from}: what doesn't fit stays as it is, where PostgreSQL converts or fails; convert it in the SELECT`;
  findings.hazard(copy, 'affinity', table, advice);
}

function lostColumn(column: string, table: string, copy: number, findings: FindingsByStatement): void {
  findings.loss(copy, `${table}.${column}`);
  const advice = `the values of ${column} are gone; drop it a release after the last version that reads it`;
  findings.hazard(copy, 'drop-column', table, advice);
}

const sourceName = (scene: Scene, table: string, column: string): string =>
  scene.renamedColumns.get(`${table}.${column}`) || column;

const isRenamed = (scene: Scene, table: string, column: string): boolean =>
  [...scene.renamedColumns].some(([key, old]) => old === column && key.startsWith(`${table}.`));

/** The columns of INSERT INTO ... SELECT with what each is filled with. */
function copiedValues(text: string): Map<string, string> {
  const reader = new Reader(text);
  reader.take('insert into');
  reader.name();
  const columns = reader.list().map(columnOfKey);
  reader.take('select');
  const parts = reader.rest();
  const select = new Reader(parts);
  const end = select.find('from') ? select.rest() : '';
  const list = parts.slice(0, end ? parts.lastIndexOf(end) : undefined).replace(/\bfrom\s*$/i, '');
  const values = new Reader(`(${list})`).list();
  return new Map(columns.map((column, index) => [column, values[index] ?? '']));
}

/** The column that a value is, when it is nothing more than that. */
function bareName(value: string): string | null {
  const { tokens } = new Reader(value);
  const [token] = tokens;
  return tokens.length === 1 && (token!.kind === 'name' || token!.kind === 'word') ? token!.value : null;
}

function namesIn(value: string): string[] {
  return new Reader(value).tokens
    .filter(({ kind }) => kind === 'name' || kind === 'word')
    .map((one) => one.value);
}
