/** What every statement of both chains does, and which of its hazards nobody has accepted in the notes. */

import type { ChainName } from '../chain/revisions.ts';
import type { Hazard } from '../facts/facts.ts';
import { type KnownSchema, schemaOf } from '../facts/known-schema.ts';
import { walk } from '../facts/revision-facts.ts';
import { type ChainFiles, lineOf, type RevisionFiles } from '../repository/files.ts';
import { CHAIN_NAMES, type Notes, type NotesEntry } from '../repository/notes.ts';
import { type History, readHistory } from './history.ts';
import type { LintedRevision, LintedStatement } from './linted.ts';
import { oneSidedData } from './one-sided.ts';
import { lintPg } from './pg.ts';
import { lintSqlite } from './sqlite.ts';
import { commonHazards } from './transaction.ts';

export interface LintReport {
  /** In the order of the chains' notes: a pair's two revisions next to each other. */
  readonly revisions: readonly LintedRevision[];
  /** What ends the command with 1, one sentence each. */
  readonly problems: readonly string[];
}

export interface LintInput {
  readonly chains: readonly ChainFiles[];
  readonly notes: Notes;
  /** Folders that the main branch has; null when nobody knows. */
  readonly landed: ReadonlySet<string> | null;
}

export function lint({ chains, notes, landed }: LintInput): LintReport {
  const revisions = chains.flatMap((chain) => lintChain(chain, notes, landed));
  oneSidedData(revisions);
  const ordered = revisions.toSorted((a, b) => (a.folder.slice(0, 17) < b.folder.slice(0, 17) ? -1 : 1));
  return {
    revisions: ordered,
    problems: [...ordered.flatMap(problemsOf), ...unneeded(ordered, notes)],
  };
}

function lintChain(
  { chain, revisions }: ChainFiles,
  notes: Notes,
  landed: LintInput['landed'],
): LintedRevision[] {
  const history: History = readHistory();
  let before: KnownSchema | undefined = new Map();
  return lineOf(revisions).map((files) => {
    const after = schemaIn(files);
    const linted = lintRevision(chain, files, { before, after, history });
    const entry = notes.entries.find(({ ids }) => ids[chain] === files.revision.id);
    before = after;
    history.add(files.revision);
    return {
      ...linted,
      landed: landed?.has(files.revision.folder) ?? false,
      accepted: entry?.accepted.filter((one) => one.chain === chain) ?? [],
    };
  });
}

function schemaIn({ snapshot }: RevisionFiles): KnownSchema | undefined {
  return snapshot && schemaOf(snapshot as unknown as Parameters<typeof schemaOf>[0]);
}

export interface LintContext {
  readonly before: KnownSchema | undefined;
  readonly after: KnownSchema | undefined;
  readonly history: History;
}

function lintRevision(chain: ChainName, files: RevisionFiles, context: LintContext) {
  const { revision } = files;
  const { facts, scene } = walk(chain, revision, context.before);
  const more = (chain === 'pg' ? lintPg : lintSqlite)(facts, context, scene);
  const statements = facts.map(
    (one, index): LintedStatement => ({
      number: one.number,
      text: one.text,
      facts: one,
      hazards: [...one.hazards, ...commonHazards(one, revision), ...(more.get(index)?.hazards ?? [])],
      loses: [...one.loses, ...(more.get(index)?.loses ?? [])],
    }),
  );
  return {
    chain,
    id: revision.id,
    slug: revision.slug,
    folder: revision.folder,
    place: files.place,
    transactional: revision.transactional,
    data: files.data,
    label: files.label,
    statements,
    hazards: labelHazards(files),
  };
}

function labelHazards({ label }: RevisionFiles): Hazard[] {
  if (!label.startsWith('irreversible')) return [];
  const advice = `there is no way back (${label}); a backup is the only one`;
  return [{ rule: 'irreversible', table: '*', advice }];
}

function problemsOf(revision: LintedRevision): string[] {
  const open = allHazards(revision).filter(({ hazard }) => !isAccepted(revision, hazard));
  const seen = new Set<string>();
  return open.flatMap(({ hazard: { rule, table, advice }, number }) => {
    const key = `${rule} ${table}`;
    if (seen.has(key)) return [];
    seen.add(key);
    const where = number === null ? '' : `, statement ${number}`;
    return [
      `${revision.place}${where}: ${rule} on ${table}: ${advice}. Change it, or accept it in the notes: ` +
        `- Accepted: ${CHAIN_NAMES[revision.chain]} \`${rule}\` on \`${table}\`: <reason>`,
    ];
  });
}

export function allHazards(revision: LintedRevision): { hazard: Hazard; number: number | null }[] {
  return [
    ...revision.hazards.map((hazard) => ({ hazard, number: null })),
    ...revision.statements.flatMap(({ hazards, number }) => hazards.map((hazard) => ({ hazard, number }))),
  ];
}

export function isAccepted(revision: LintedRevision, { rule, table }: Hazard): boolean {
  return revision.accepted.some((one) => one.rule === rule && one.table === table);
}

/** An acceptance that nothing needs would hide the hazard when it comes. */
function unneeded(revisions: readonly LintedRevision[], { entries }: Notes): string[] {
  return entries.flatMap((entry) =>
    entry.accepted
      .filter((one) => !revisionsOf(entry, revisions).some((revision) => needs(revision, one)))
      .map(
        ({ chain, rule, table }) =>
          `The notes accept \`${rule}\` on \`${table}\` of ${CHAIN_NAMES[chain]} (${entry.date} ${entry.title}), ` +
          'which no statement does: take the line out.',
      ),
  );
}

function revisionsOf({ ids }: NotesEntry, revisions: readonly LintedRevision[]): LintedRevision[] {
  return revisions.filter((revision) => ids[revision.chain] === revision.id);
}

function needs(revision: LintedRevision, one: { chain: ChainName; rule: string; table: string }): boolean {
  return (
    revision.chain === one.chain &&
    allHazards(revision).some(({ hazard }) => hazard.rule === one.rule && hazard.table === one.table)
  );
}
