import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MigrationError } from '../errors.ts';
import { type ChainName, checksumOf, type Revision, readChain } from '../revisions.ts';
import { refuseAmbiguity } from './ambiguity.ts';
import type { DialectGenerator, SchemaModules, Snapshot } from './dialect.ts';
import { downLabel } from './down-label.ts';
import { lockRevisions } from './lock-file.ts';
import { addNote } from './notes.ts';
import { downText, nameParts, newRevisionId, slugOf, timestampAfter, upText } from './revision-text.ts';

/** A dialect with its schema and the folder of its chain. */
export interface Chain {
  readonly generator: DialectGenerator;
  readonly schema: SchemaModules;
  readonly folder: string;
}

export interface GenerateOptions {
  readonly chains: readonly Chain[];
  /** The folder with MIGRATION-NOTES.md and revisions.lock. */
  readonly notesFolder: string;
  readonly message: string;
  readonly now?: Date;
}

export interface GeneratedRevision {
  readonly chain: ChainName;
  readonly engine: string;
  readonly id: string;
  readonly folder: string;
  readonly statements: number;
  /** As in the header of its down.sql. */
  readonly label: string;
}

interface Plan extends Chain {
  readonly head: Revision | null;
  readonly before: Snapshot;
  readonly after: Snapshot;
  readonly up: string[];
}

/**
 * Writes what has changed in the schemas since the newest revisions as one new revision on each chain, with one
 * entry in the notes. Writes nothing, and returns an empty list, when nothing has changed.
 * @throws MigrationError
 */
export async function generateRevisions(options: GenerateOptions): Promise<GeneratedRevision[]> {
  const slug = slugOf(options.message);
  const plans: Plan[] = [];
  for (const chain of options.chains) plans.push(await makePlan(chain));
  if (plans.every((plan) => plan.up.length === 0)) return [];
  const heads = plans.flatMap(({ head }) => (head ? [nameParts(head.folder).timestamp] : []));
  const timestamp = timestampAfter(options.now ?? new Date(), heads);
  const written: GeneratedRevision[] = [];
  for (const plan of plans) written.push(await writeRevision(plan, timestamp, slug, options.notesFolder));
  addNote(options.notesFolder, { message: options.message, timestamp, revisions: written });
  return written;
}

async function makePlan(chain: Chain): Promise<Plan> {
  const head = headOf(chain);
  const before = head
    ? JSON.parse(readFileSync(join(chain.folder, head.folder, 'snapshot.json'), 'utf8'))
    : await chain.generator.snapshot({});
  const after = await chain.generator.snapshot(chain.schema, head ? before : undefined);
  refuseAmbiguity(chain.generator.engine, before, after);
  return { ...chain, head, before, after, up: await chain.generator.statements(before, after) };
}

/** The revision that no other one follows. */
function headOf({ folder, generator }: Chain): Revision | null {
  const revisions = existsSync(folder) ? readChain(folder) : [];
  const parents = new Set(revisions.map((revision) => revision.parent));
  const heads = revisions.filter((revision) => !parents.has(revision.id));
  if (heads.length <= 1) return heads[0] ?? null;
  const names = heads.map((head) => head.folder).join(' and ');
  throw new MigrationError(
    'chain',
    `The chain of ${generator.engine} has more than one head (${names}): put one behind the other first.`,
  );
}

async function writeRevision(
  plan: Plan,
  timestamp: string,
  slug: string,
  notesFolder: string,
): Promise<GeneratedRevision> {
  const { generator, before, after, head, up } = plan;
  const id = newRevisionId();
  const name = `${timestamp}_${id}_${slug}`;
  const folder = join(plan.folder, name);
  const text = upText({ id, parent: head?.id ?? null, timestamp, engine: generator.engine, statements: up });
  const down = await generator.statements(after, before);
  const label = downLabel(before, after);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'up.sql'), text);
  writeFileSync(join(folder, 'down.sql'), downText(generator.engine, label, down));
  writeFileSync(join(folder, 'snapshot.json'), `${JSON.stringify(after, null, 2)}\n`);
  lockRevisions(notesFolder, [{ chain: generator.chain, folder: name, checksum: checksumOf(text) }]);
  return { chain: generator.chain, engine: generator.engine, id, folder, statements: up.length, label };
}
