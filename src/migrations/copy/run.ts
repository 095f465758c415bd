import { compareCatalogs } from '../catalog/diff.ts';
import { lower, MigrationError } from '../errors.ts';
import { replacingCharacters } from './adapt.ts';
import type { Copying } from './copy.ts';
import { findProblems, look, type Run, type Sides } from './look.ts';
import { type Problem, refuseProblems, sentence } from './problems.ts';
import type { CopiedTable, CopyReport } from './report.ts';
import {
  type CopiedRows,
  type CopyState,
  createCopyState,
  endCopyState,
  forgetCopied,
  saveCopied,
} from './state.ts';
import type { CopyTable } from './tables.ts';
import { originOf, readTarget, refuseUsed } from './target.ts';
import { digestOf, transferTable } from './transfer.ts';

/** The copy itself, under the target's lock. */
export async function runCopy(copying: Copying, sides: Sides): Promise<CopyReport> {
  const start = performance.now();
  const { to } = copying;
  // Whoever had the lock before may have done something.
  const { resumed } = await readTarget(sides.target.connection, copying.wanted);
  // From here on no server takes the target for a database of its own, however long looking at the source takes.
  if (!resumed) await createCopyState(sides.target.connection, originOf(copying.wanted));
  const { run, problems } = await begin(copying, sides).catch(async (error: unknown) => {
    if (!resumed) await endCopyState(sides.target.connection).catch(() => {});
    throw error;
  });
  for (const setting of to.settings) await run.target.connection.run(setting);
  const begun = await stillTrue(copying, run, resumed);
  const copied = await copyRows(copying, run, begun);
  await completeCatalog(copying, run);
  const tables = await compareRows(run, copied);
  await sides.source.connection.run('commit');
  const changedSince = await whatChanged(copying, run);
  await to.finish(run.target.connection, run.tables);
  await endCopyState(run.target.connection);
  return {
    ...{ source: sides.source.connection.place, target: sides.target.connection.place, tables, changedSince },
    revision: copying.wanted.chain.at(-1)!.id,
    replaced: problems.map(sentence),
    left: run.left,
    resumedRows: [...begun.values()].reduce((sum, { rows }) => sum + rows, 0),
    milliseconds: Math.round(performance.now() - start),
  };
}

/** Refuses what can't be copied, or not now. */
async function begin(copying: Copying, sides: Sides): Promise<{ run: Run; problems: Problem[] }> {
  const { from, to, options, wanted } = copying;
  await refuseUsed(sides.target.connection, to);
  await sides.target.connection.prepare();
  await from.beginSnapshot(sides.source.connection);
  const run = await look(copying, sides);
  const problems = await findProblems(copying, run);
  refuseProblems(problems, run.source.connection, options.reporter, wanted.replace);
  return { run, problems };
}

/** What an interrupted copy has done, where the source still has the same rows; other tables begin anew. */
async function stillTrue(
  { to, options, wanted }: Copying,
  run: Run,
  resumed: CopyState | null,
): Promise<Map<string, CopiedRows>> {
  const { target, tables, surveyed } = run;
  const kept = resumed ? await keptTables(run, resumed, wanted.replace) : new Map<string, CopiedRows>();
  const stale = tables.filter(({ name }) => resumed?.tables.has(name) && !kept.has(name));
  const open = tables.filter(
    (table) => stale.includes(table) || (kept.get(table.name)?.rows ?? 0) !== surveyed.get(table.name)!.rows,
  );
  if (open.length > 0)
    for (const statement of to.strip(await target.connection.catalog(), open))
      await target.connection.run(statement);
  for (const { name } of stale) {
    options.reporter.line(`${name} is copied anew, since it is no longer as it was`);
    await target.connection.transaction(async () => {
      await target.connection.run(to.empty(name));
      await forgetCopied(target.connection, name);
    });
  }
  return kept;
}

async function keptTables(
  { source, tables, progress }: Run,
  resumed: CopyState,
  replace: boolean,
): Promise<Map<string, CopiedRows>> {
  const kept = new Map<string, CopiedRows>();
  progress.begin('comparing with what was copied before');
  for (const table of tables) {
    const rows = resumed.tables.get(table.name);
    if (!rows) continue;
    progress.table(table);
    const range = { after: null, until: rows.cursor, ...adapting(replace, table) };
    const now = await digestOf(source, table, range, (count) => progress.rows(count));
    if (now.equals({ count: rows.rows, hex: rows.checksum })) kept.set(table.name, rows);
  }
  return kept;
}

const adapting = (replace: boolean, table: CopyTable) =>
  replace ? { adapt: replacingCharacters(table) } : {};

async function copyRows(
  { options, wanted }: Copying,
  { source, target, tables, surveyed, progress }: Run,
  begun: ReadonlyMap<string, CopiedRows>,
): Promise<Map<string, CopiedRows>> {
  const copied = new Map<string, CopiedRows>();
  progress.begin('copying');
  for (const table of tables) {
    const rows = begun.get(table.name);
    progress.table(table, rows?.rows ?? 0);
    const { adapt } = adapting(wanted.replace, table);
    const onRows = (count: number) => progress.rows(count);
    const done = await transferTable({ source, target, table, begun: rows, adapt, onRows });
    const expected = surveyed.get(table.name)!.rows;
    if (done.rows !== expected)
      throw new MigrationError(
        'copy',
        `Of ${table.name} ${done.rows} rows were read, but ${lower(source.connection.place)} has ${expected}: run prefect-server database doctor on it, then copy again.`,
      );
    copied.set(table.name, done);
  }
  const all = [...copied.values()].reduce((sum, { rows }) => sum + rows, 0);
  options.reporter.line(`copied ${all} rows of ${tables.length} tables`);
  return copied;
}

/** Indexes are made faster when the rows are there. */
async function completeCatalog(
  { to, options }: Copying,
  { target: { connection }, expected }: Run,
): Promise<void> {
  const start = performance.now();
  const statements = to.restore(expected, await connection.catalog());
  for (const statement of statements) await connection.run(statement);
  if (statements.length > 0)
    options.reporter.line(
      `made ${statements.length} indexes and keys (${Math.round((performance.now() - start) / 1000)} s)`,
    );
  const [difference] = compareCatalogs(expected, await connection.catalog());
  if (!difference) return;
  throw new MigrationError(
    'copy',
    `${connection.place} has all rows, but ${difference.kind} ${difference.name} of ${difference.table ?? 'it'} is ${difference.change}: empty it, and copy again.`,
  );
}

/** Reads the target again, from the first row to the last. */
async function compareRows(
  { source, target, tables, progress }: Run,
  copied: ReadonlyMap<string, CopiedRows>,
): Promise<CopiedTable[]> {
  const report: CopiedTable[] = [];
  progress.begin('comparing');
  for (const table of tables) {
    progress.table(table);
    const { rows, checksum } = copied.get(table.name)!;
    const found = await digestOf(target, table, { after: null }, (count) => progress.rows(count));
    if (!found.equals({ count: rows, hex: checksum })) {
      // Found to be something else next time, so that it begins anew.
      await saveCopied(target.connection, table.name, { ...copied.get(table.name)!, checksum: '' });
      throw new MigrationError(
        'copy',
        `${table.name} is not the same in ${lower(target.connection.place)} (${found.count} rows, checksum ${found.hex.slice(0, 16)}) ` +
          `as in ${lower(source.connection.place)} (${rows} rows, checksum ${checksum.slice(0, 16)}): run the same command again, which copies it anew.`,
      );
    }
    report.push({ table: table.name, rows, checksum: { source: checksum, target: found.hex } });
  }
  return report;
}

/** Whether the source is still what was copied. */
async function whatChanged({ from, options }: Copying, { source, tables, surveyed }: Run): Promise<string[]> {
  const names = tables.map(({ name }) => name);
  const now = await from.survey(source.connection, names);
  const changed = names.filter((name) => now.get(name)!.mark !== surveyed.get(name)!.mark);
  if (changed.length === 0 || options.live) return changed;
  throw new MigrationError(
    'source_changed',
    `${source.connection.place} was written to while it was copied, so that the copy lacks the latest: stop the servers that use it and run the same command again, which copies only tables that have changed, or add --live to be content with the moment at which it begins.`,
  );
}
