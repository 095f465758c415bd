import { lockWords, shortened, workWords } from '../facts/words.ts';
import { CHAIN_NAMES } from '../repository/notes.ts';
import { textTable } from '../text-table.ts';
import { allHazards, isAccepted, type LintReport } from './lint.ts';
import type { LintedRevision, LintedStatement } from './linted.ts';

const HEAD = ['revision', '#', 'statement', 'lock', 'rewrite', 'may be lost', 'advice'];
const STATEMENT_LENGTH = 60;

/** One table, a row a statement; revisions that have landed are a line each unless all are asked for. */
export function renderLint({ revisions, problems }: LintReport, all: boolean): string[] {
  const shown = revisions.filter((revision) => all || !revision.landed);
  const rest = revisions.filter((revision) => !shown.includes(revision));
  const rows = shown.flatMap((revision) => [
    ...revision.statements.flatMap((one) => rowsOf(one, revision)),
    ...ownRows(revision),
  ]);
  return [
    ...(rows.length > 0 ? [...textTable([HEAD, ...rows]), ''] : []),
    ...textTable(rest.map(summaryOf)),
    ...(rest.length > 0 ? [''] : []),
    ...problems,
    ...(problems.length === 0 ? [verdict(revisions)] : []),
  ];
}

function rowsOf(statement: LintedStatement, revision: LintedRevision): string[][] {
  const { facts, hazards, loses, number } = statement;
  const [first = facts.note ?? '', ...more] = hazards.map((hazard) => adviceOf(hazard, revision));
  const place = [
    `${CHAIN_NAMES[revision.chain]} ${revision.id}`,
    String(number),
    shortened(facts.summary, STATEMENT_LENGTH),
  ];
  const row = [...place, lockWords(facts), workWords(facts), loses.join(', '), first];
  return [row, ...more.map((advice) => [...place.map(() => ''), '', '', '', advice])];
}

function ownRows(revision: LintedRevision): string[][] {
  const place = `${CHAIN_NAMES[revision.chain]} ${revision.id}`;
  const data =
    revision.data === undefined
      ? []
      : [[place, '', `data step ${revision.data}`, '', '', '', 'in batches, each a transaction']];
  const empty = revision.statements.length === 0 ? [[place, '', 'nothing to do', 'none', 'no', '', '']] : [];
  const hazards = revision.hazards.map((hazard) => [
    place,
    '',
    revision.slug,
    '',
    '',
    '',
    adviceOf(hazard, revision),
  ]);
  return [...empty, ...data, ...hazards];
}

function adviceOf(hazard: LintedRevision['hazards'][number], revision: LintedRevision): string {
  const accepted = revision.accepted.find((one) => one.rule === hazard.rule && one.table === hazard.table);
  return accepted ? `${hazard.rule}, accepted: ${accepted.reason}` : `${hazard.rule}: ${hazard.advice}`;
}

function summaryOf(revision: LintedRevision): string[] {
  const hazards = allHazards(revision);
  const accepted = hazards.filter(({ hazard }) => isAccepted(revision, hazard)).length;
  const found =
    hazards.length === 0 ? 'no hazards' : `${count(hazards.length, 'hazard')}, ${accepted} accepted`;
  return [
    `${CHAIN_NAMES[revision.chain]} ${revision.id} ${revision.slug}`,
    'has landed',
    count(revision.statements.length, 'statement'),
    found,
  ];
}

function verdict(revisions: readonly LintedRevision[]): string {
  const statements = revisions.reduce((sum, revision) => sum + revision.statements.length, 0);
  const hazards = revisions.reduce((sum, revision) => sum + allHazards(revision).length, 0);
  const found =
    hazards === 0 ? 'no hazards' : `${count(hazards, 'hazard')}, all of them accepted in the notes`;
  return `${count(revisions.length, 'revision')}, ${count(statements, 'statement')}: ${found}.`;
}

const count = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? '' : 's'}`;

export interface LintRow {
  readonly chain: string;
  readonly revision: string;
  readonly slug: string;
  readonly landed: boolean;
  readonly number: number | null;
  readonly statement: string;
  readonly kind: string;
  readonly locks: readonly { readonly lock: string; readonly table: string }[];
  readonly work: readonly { readonly kind: string; readonly table: string }[];
  readonly loses: readonly string[];
  readonly hazards: readonly { rule: string; table: string; advice: string; accepted: string | null }[];
}

/** The same as data: every statement of every revision. */
export function lintRows({ revisions }: LintReport): LintRow[] {
  return revisions.flatMap((revision) => {
    const place = {
      chain: revision.chain,
      revision: revision.id,
      slug: revision.slug,
      landed: revision.landed,
    };
    const hazardsOf = (hazards: LintedStatement['hazards']) =>
      hazards.map((hazard) => ({
        ...hazard,
        accepted:
          revision.accepted.find(({ rule, table }) => rule === hazard.rule && table === hazard.table)
            ?.reason ?? null,
      }));
    const own = { number: null, statement: '', kind: 'revision', locks: [], work: [], loses: [] };
    return [
      ...revision.statements.map(({ number, text, facts, loses, hazards }) => ({
        ...place,
        number,
        statement: text,
        kind: facts.kind,
        locks: facts.locks,
        work: facts.work,
        loses,
        hazards: hazardsOf(hazards),
      })),
      ...(revision.hazards.length > 0 ? [{ ...place, ...own, hazards: hazardsOf(revision.hazards) }] : []),
    ];
  });
}
