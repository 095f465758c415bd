import { lockWords, workWords } from '../facts/words.ts';
import { textTable } from '../text-table.ts';
import type { PlannedRevision, PlannedStatement, PlanReport } from './report.ts';

const HEAD = ['', '#', 'statement', 'lock', 'rows', 'work', 'time'];

/** A plan for people: a head, and for each revision a line and a row a statement. */
export function renderPlan(report: PlanReport): string[] {
  const { place, from, to, revisions, backup } = report;
  if (revisions.length === 0) return [`${place} is at ${to ?? 'base'}: nothing would run.`];
  const statements = revisions.reduce((all, one) => all + one.statements.length, 0);
  return [
    `${place}: from ${from ?? 'base'} to ${to}, ${count(revisions.length, 'revision')}, ` +
      `${count(statements, 'statement')}, ${duration(report.estimated_ms)} (by ${report.estimate_basis}).`,
    ...(backup ? ['A copy of the database would be made first: something is rebuilt or lost.'] : []),
    ...revisions.flatMap((revision, index) => [
      '',
      headOf(revision, index + 1, revisions.length),
      ...bodyOf(revision),
    ]),
  ];
}

function headOf(revision: PlannedRevision, number: number, of: number): string {
  const { id, name, transactional, breaking, down, estimated_ms } = revision;
  const words = [
    transactional ? 'one transaction' : 'statement by statement',
    `down: ${down}`,
    ...(breaking ? ['BREAKING: older servers cannot work with the database after it'] : []),
    duration(estimated_ms),
  ];
  return `${number} of ${of}  ${id} ${name}: ${words.join(', ')}`;
}

function bodyOf({ statements, data_step: data }: PlannedRevision): string[] {
  const rows = groups(statements).map((group) => (group.length > 1 ? quietRow(group) : rowOf(group[0]!)));
  const step = data
    ? [`  data step ${data.name}: ${about(data.rows, true)} rows of ${data.table}, in batches`]
    : [];
  if (rows.length === 0) return data ? step : ['  nothing to do on this engine'];
  return [...textTable([HEAD, ...rows]), ...statements.flatMap(lossOf), ...step];
}

const SECOND = 1000;
/** Statements that make new things, which nobody waits for, stand in one line when there are many of them. */
const MANY = 4;

function groups(statements: readonly PlannedStatement[]): PlannedStatement[][] {
  const found: PlannedStatement[][] = [];
  for (const one of statements) {
    const last = found.at(-1);
    if (last && isQuiet(one) && isQuiet(last[0]!)) last.push(one);
    else found.push([one]);
  }
  return found.flatMap((group) => (group.length < MANY ? group.map((one) => [one]) : [group]));
}

function isQuiet({ kind, work, locks }: PlannedStatement): boolean {
  const tables = locks.filter(({ table }) => table !== '*');
  return /^(?:create|add) /.test(kind) && work.length === 0 && tables.length === 0;
}

function quietRow(group: readonly PlannedStatement[]): string[] {
  const span = `${group[0]!.number}-${group.at(-1)!.number}`;
  const time = group.reduce((all, one) => all + one.estimated_ms, 0);
  return [
    '',
    span,
    'make what is new: tables, keys, indexes',
    lockWords(group[0]!),
    '',
    'no',
    duration(time),
  ];
}

function rowOf(one: PlannedStatement): string[] {
  const lock =
    one.kind === 'unknown' ? 'unknown: read it' : lockWords(isLong(one) ? one : { ...one, work: [] });
  const alone = one.outside_transaction ? ', by itself' : '';
  return [
    '',
    String(one.number),
    one.statement,
    `${lock}${alone}`,
    one.rows === null ? '' : about(one.rows, one.rows_exact),
    one.kind === 'unknown' ? 'unknown' : workWords(one),
    one.done ? 'done' : duration(one.estimated_ms),
  ];
}

function lossOf({ number, loses }: PlannedStatement): string[] {
  return loses.length === 0 ? [] : [`  statement ${number} loses ${loses.join(', ')}`];
}

const isLong = ({ estimated_ms }: PlannedStatement): boolean => estimated_ms >= SECOND;

const about = (rows: number, exact: boolean): string => `${exact ? '' : '~'}${rows.toLocaleString('en-US')}`;

/** A guess to be read as one: `under 1 s`, `about 40 s`, `about 12 min`. */
function duration(ms: number): string {
  if (ms < SECOND) return 'under 1 s';
  const seconds = ms / SECOND;
  if (seconds < 90) return `about ${Math.round(seconds)} s`;
  return `about ${Math.round(seconds / 60)} min`;
}

const count = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? '' : 's'}`;
