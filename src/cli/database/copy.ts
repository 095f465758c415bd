import { createLog } from '../../log.ts';
import { copyDatabase } from '../../migrations/copy/copy.ts';
import type { CopyReport } from '../../migrations/copy/report.ts';
import { lower } from '../../migrations/errors.ts';
import { textTable } from '../../migrations/text-table.ts';
import { type DatabaseTarget, resolveSettings, type Settings } from '../../settings/settings.ts';
import { createReporter } from '../migration/reporter.ts';
import { makeHome } from '../open-database.ts';
import { answer, type OutputOptions } from '../output.ts';

export interface CopyFlags extends OutputOptions {
  from: string;
  to: string;
  live?: boolean;
  replaceCharacters?: boolean;
}

/** `database copy`: from one database to another, each named by its URL, whatever the settings name. */
export async function copyBetween(flags: CopyFlags): Promise<void> {
  const source = settingsOf('--from', flags.from);
  const target = settingsOf('--to', flags.to);
  const log = await createLog(target);
  for (const warning of new Set([...source.warnings, ...target.warnings])) log.warn(warning);
  makeHome(target);
  const report = await copyDatabase(withoutPooler(source), withoutPooler(target), {
    reporter: createReporter(log),
    live: flags.live === true,
    replaceCharacters: flags.replaceCharacters === true,
  });
  if (report.changedSince.length > 0)
    log.warn(`${report.source} was written to meanwhile, and the copy is of the moment at which it began`);
  answer(documentOf(report), textOf(report), flags);
}

const settingsOf = (flag: string, url: string): Settings =>
  resolveSettings({ flags: [{ flag, setting: 'server.database.connection_url', value: url }] });

/** The address for migrations that the settings may have belongs to the database that is served. */
function withoutPooler({ databaseTarget: target }: Settings): DatabaseTarget {
  if (!('direct' in target)) return target;
  const { direct: _direct, ...rest } = target;
  return rest;
}

function documentOf(report: CopyReport) {
  const { source, target, revision, tables, replaced, left, changedSince, resumedRows, milliseconds } =
    report;
  return {
    ...{ source, target, revision, tables, replaced, not_copied: left, changed_since: changedSince },
    ...{ rows: rowsOf(report), resumed_rows: resumedRows, milliseconds },
  };
}

const rowsOf = ({ tables }: CopyReport): number => tables.reduce((sum, { rows }) => sum + rows, 0);

function textOf(report: CopyReport): string[] {
  const { tables, source, target, revision, milliseconds } = report;
  const filled = tables.filter(({ rows }) => rows > 0);
  const rows = filled.map(({ table, rows: count, checksum }) => [
    table,
    String(count),
    checksum.source.slice(0, 16),
    checksum.target.slice(0, 16),
  ]);
  return [
    ...(tables.length > filled.length ? [`${tables.length - filled.length} tables are empty`] : []),
    ...textTable([['table', 'rows', 'source', 'target'], ...rows]),
    `${target} is ${lower(source)} at revision ${revision}: ${rowsOf(report)} rows, ${(milliseconds / 1000).toFixed(1)} s`,
  ];
}
