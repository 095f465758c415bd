import type { Scene } from '../facts/facts.ts';
import { columnOfKey, type KnownTable } from '../facts/known-schema.ts';
import { Reader } from '../facts/reader.ts';
import type { NumberedFacts } from '../facts/revision-facts.ts';
import { affinityOf, columnsOf, typeOf } from '../sqlite/facts/rebuild.ts';
import type { FindingsByStatement } from './linted.ts';
import type { Rebuild } from './sqlite-rebuild.ts';

/** Column by column: where its values come from, and whether they still fit. */
export function lintColumns(
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
