import type { ChainSource } from '../repository/files.ts';
import { addNote } from '../repository/notes.ts';
import { refuseAmbiguity } from './ambiguity.ts';
import { amendRevisions } from './amend/amend.ts';
import { dataStepText } from './data-step.ts';
import type { Rename } from './dialect.ts';
import { type Draft, render } from './drafts.ts';
import { type Generated, generatedPair, warningsOf } from './generated.ts';
import { checkedDrops, checkedRenames, renamePair } from './renames.ts';
import { newRevisionId, slugOf, timestampAfter } from './revision-text.ts';
import { generatorsOf, schemaAt, schemaNow } from './schemas.ts';
import { CHAINS } from './snapshots.ts';
import { customStep, draftsOf } from './step-drafts.ts';
import { planSteps } from './steps.ts';
import { readTwins, type Sources, sourcesOf, type Twin } from './twins.ts';
import { writeFiles } from './write-files.ts';

export type { Generated, GeneratedPair, GeneratedRevision } from './generated.ts';

export interface GenerateOptions {
  readonly chains: readonly ChainSource[];
  /** The folder with MIGRATION-NOTES.md, revisions.lock and data steps. */
  readonly notesFolder: string;
  /** What it is about; of an amended revision it may be left out. */
  readonly message?: string;
  readonly now?: Date;
  readonly renames?: readonly Rename[];
  /** What is gone and was not renamed: `flow.name`, `flow`. */
  readonly drops?: readonly string[];
  /** Empty twins, to be written by hand. */
  readonly custom?: boolean;
  /** With a data step. */
  readonly data?: boolean;
  /** Makes the pairs of the newest command anew. */
  readonly amend?: boolean;
  /** Amends though edits by hand are lost by it. */
  readonly overwrite?: boolean;
  /** Names of folders that others have already, which can't be amended. */
  readonly landed?: ReadonlySet<string>;
}

/**
 * Writes what has changed in the schemas since the newest revisions as one to three new pairs of revisions, each with
 * its entry in the notes. Writes nothing when nothing has changed, and nothing when anything goes wrong.
 * @throws MigrationError
 */
export async function generateRevisions(options: GenerateOptions): Promise<Generated> {
  const sources = sourcesOf(options.chains);
  if (options.amend) return amendRevisions(options, sources, readTwins(sources));
  const message = options.message ?? '';
  const slug = slugOf(message);
  const twins = readTwins(sources);
  const base = twins.at(-1);
  const before = await schemaAt(base, sources);
  const after = options.custom ? before : await schemaNow(sources, base);
  const renames = checkedRenames(options.renames ?? [], before, after);
  const renamed = renamePair(generatorsOf(sources), before, renames);
  refuseAmbiguity(renamed, after, checkedDrops(options.drops ?? [], renames));
  const steps = options.custom
    ? [customStep(before)]
    : await planSteps(generatorsOf(sources), before, after, { renames, withData: options.data === true });
  const drafts = draftsOf(steps, generatorsOf(sources), {
    slug,
    message,
    timestamp: timestampAfter(options.now ?? new Date(), base ? [base.timestamp] : []),
    ids: () => ({ sqlite: newRevisionId(), pg: newRevisionId() }),
    data: options.data ? dataStepText(message, before, after) : null,
  });
  const written = writeNew(drafts, base, sources, options.notesFolder);
  return { ...written, warnings: warningsOf(renamed, after, options.data === true) };
}

function writeNew(
  drafts: readonly Draft[],
  base: Twin | undefined,
  sources: Sources,
  notesFolder: string,
): Generated {
  if (drafts.length === 0) return { pairs: [], replaced: [], warnings: [] };
  const pairs = render(drafts, base, sources, notesFolder);
  writeFiles(notesFolder, pairs, { folders: [], dataFiles: [] }, () => {
    for (const { title, timestamp, sides } of pairs) {
      const revisions = CHAINS.map((chain) => ({ chain, id: sides[chain].id, label: sides[chain].label }));
      addNote(notesFolder, { message: title, timestamp, revisions });
    }
  });
  return { pairs: pairs.map(generatedPair), replaced: [], warnings: [] };
}
