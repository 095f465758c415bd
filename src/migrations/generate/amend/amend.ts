/** Makes the pairs of the newest command anew, while nobody else can have them. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ChainName } from '../../chain/revisions.ts';
import { MigrationError } from '../../errors.ts';
import { doubtsBetween, refuseAmbiguity } from '../ambiguity.ts';
import { dataStepText } from '../data-step.ts';
import type { Rename } from '../dialect.ts';
import { type Draft, render } from '../drafts.ts';
import type { GenerateOptions } from '../generate.ts';
import { type Generated, generatedPair, warningsOf } from '../generated.ts';
import type { PhaseKind } from '../phases/phases.ts';
import { checkedDrops, checkedRenames, renamePair, renamesIn } from '../renames.ts';
import { headersOf, newRevisionId, slugOf } from '../revision-text.ts';
import { generatorsOf, schemaAt, schemaNow } from '../schemas.ts';
import { CHAINS, type SnapshotPair } from '../snapshots.ts';
import { draftsOf } from '../step-drafts.ts';
import { type Generators, planSteps, type Step } from '../steps.ts';
import { type Command, newestCommand, type Sources, type Twin } from '../twins.ts';
import { writeFiles } from '../write-files.ts';
import { changedByHand, keptDrafts } from './kept.ts';
import { amendNotes, messageIn } from './notes.ts';

/** What is amended, and what it was made of. */
export interface Amended {
  readonly command: Command;
  readonly base: Twin | undefined;
  readonly before: SnapshotPair;
  /** The schema as the newest pair has it. */
  readonly last: SnapshotPair;
  readonly now: SnapshotPair;
  readonly message: string;
  readonly slug: string;
  readonly data: string | null;
}

export async function amendRevisions(
  options: GenerateOptions,
  sources: Sources,
  twins: readonly Twin[],
): Promise<Generated> {
  const amended = await whatToAmend(options, sources, twins);
  const drafts = await newDrafts(options, sources, amended);
  const pairs = render(drafts, amended.base, sources, options.notesFolder);
  const old = amended.command.pairs.flatMap(({ twin }) => CHAINS.map((chain) => twin.revisions[chain]));
  const dataFiles = [
    ...new Set(old.flatMap(({ data }) => (data ? [dataPath(options.notesFolder, data)] : []))),
  ];
  const replaced = { folders: old.map(({ path }) => path), dataFiles };
  writeFiles(options.notesFolder, pairs, replaced, () =>
    amendNotes(options.notesFolder, pairs, new Set(old.map(({ revision }) => revision.id))),
  );
  const { before, now } = amended;
  const warnings = warningsOf(
    before,
    now,
    pairs.some(({ data }) => data !== null),
  );
  return { pairs: pairs.map(generatedPair), replaced: replaced.folders, warnings };
}

async function whatToAmend(
  options: GenerateOptions,
  sources: Sources,
  twins: readonly Twin[],
): Promise<Amended> {
  const command = newestCommand(twins);
  if (!command) throw refusal('There is no revision to amend: make one with npm run generate -- "message".');
  refuseLanded(command, options.landed ?? new Set());
  const base = twins.at(-1 - command.pairs.length);
  const message = options.message ?? messageIn(options.notesFolder, command);
  return {
    command,
    base,
    before: await schemaAt(base, sources),
    last: await schemaAt(twins.at(-1), sources),
    now: await schemaNow(sources, base),
    message,
    slug: options.message === undefined ? command.slug : slugOf(message),
    data: dataOf(options.notesFolder, command),
  };
}

function refuseLanded({ pairs }: Command, landed: ReadonlySet<string>): void {
  const revisions = pairs.flatMap(({ twin }) => CHAINS.map((chain) => twin.revisions[chain]));
  const one = revisions.find(({ revision }) => landed.has(revision.folder));
  if (!one) return;
  throw refusal(
    `${one.place} is on the main branch already, and databases may have it: make a new revision, with ` +
      'npm run generate -- "message".',
  );
}

const dataPath = (notesFolder: string, name: string) => join(notesFolder, 'data', `${name}.ts`);

function dataOf(notesFolder: string, { pairs }: Command): string | null {
  const name = pairs.flatMap(({ twin }) => twin.revisions.sqlite.data ?? twin.revisions.pg.data ?? [])[0];
  if (name === undefined) return null;
  return readFileSync(dataPath(notesFolder, name), 'utf8');
}

async function newDrafts(options: GenerateOptions, sources: Sources, amended: Amended): Promise<Draft[]> {
  const { command, before, last, now } = amended;
  const generators = generatorsOf(sources);
  const edited = await changedByHand(generators, amended);
  const more = edited ? await planSteps(generators, last, now, { renames: [], withData: false }) : [];
  const addsData = options.data === true && amended.data === null;
  if (edited && more.length === 0 && !addsData && !options.overwrite) return keptDrafts(amended);
  if (edited && !options.overwrite) {
    throw refusal(
      `${edited} was written or changed by hand, which making it anew would lose: make a revision of its own, with ` +
        'npm run generate -- "message", or give --overwrite if what is written there may go.',
    );
  }
  const renames = rememberedRenames(options.renames ?? [], amended);
  const renamed = renamePair(generators, before, renames);
  refuseAmbiguity(renamed, now, [
    ...checkedDrops(options.drops ?? [], renames),
    ...rememberedDrops(generators, amended, renamed),
  ]);
  const data = addsData ? dataStepText(amended.message, before, now) : amended.data;
  const steps = await planSteps(generators, before, now, { renames, withData: data !== null });
  return draftsOf(steps, generators, {
    slug: amended.slug,
    message: amended.message,
    timestamp: command.pairs[0]!.twin.timestamp,
    ids: oldIds(command, steps),
    data,
    headers: (kind, chain) => writtenHeaders(command, kind, chain),
  });
}

/** Those of the command that is amended go on, as far as they still fit; given ones must fit. */
function rememberedRenames(given: readonly Rename[], amended: Amended): Rename[] {
  const { before, now } = amended;
  const remembered = oldRenames(amended).filter((rename, _, all) => {
    const tables = all.filter(({ kind }) => kind === 'table');
    try {
      checkedRenames([...tables.filter((one) => one !== rename), rename], before, now);
      return true;
    } catch (error) {
      if (error instanceof MigrationError) return false;
      throw error;
    }
  });
  return checkedRenames([...remembered, ...given], before, now);
}

/** What might have been a rename, and was said to be none when the amended revision was made. */
function rememberedDrops(generators: Generators, amended: Amended, renamed: SnapshotPair): string[] {
  const { before, last, now } = amended;
  const doubts = (from: SnapshotPair, to: SnapshotPair) => doubtsBetween(from, to).map(({ gone }) => gone);
  const decided = doubts(renamePair(generators, before, oldRenames(amended)), last);
  return doubts(renamed, now).filter((name) => decided.includes(name));
}

const oldRenames = ({ command }: Amended): Rename[] =>
  command.pairs.flatMap(({ twin }) => renamesIn(twin.snapshots.sqlite));

/** A phase that was there before keeps its ids; another one takes what is left over. */
function oldIds(
  { pairs }: Command,
  steps: readonly Step[],
): (kind: PhaseKind) => Readonly<Record<ChainName, string>> {
  const kinds = steps.map(({ kind }) => kind);
  const free = pairs.filter(({ kind }) => !kinds.includes(kind));
  const ids = new Map<PhaseKind, Readonly<Record<ChainName, string>>>();
  for (const kind of kinds) {
    const pair = pairs.find((one) => one.kind === kind) ?? free.shift();
    const idOf = (chain: ChainName) => pair?.twin.revisions[chain].revision.id ?? newRevisionId();
    ids.set(kind, { sqlite: idOf('sqlite'), pg: idOf('pg') });
  }
  return (kind) => ids.get(kind)!;
}

const OWN_HEADERS = /^(Revision|Revises|Create Date|Transaction|Data): /;

function writtenHeaders({ pairs }: Command, kind: PhaseKind, chain: ChainName): string[] {
  const pair = pairs.find((one) => one.kind === kind);
  return pair ? headersOf(pair.twin.revisions[chain].up).filter((line) => !OWN_HEADERS.test(line)) : [];
}

function refusal(message: string): MigrationError {
  return new MigrationError('chain', message);
}
