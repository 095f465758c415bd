/** The files of both chains as they lie on disk, read so that what is wrong with one doesn't hide the others. */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { nameParts } from '../chain/folder-name.ts';
import { type ChainName, type Revision, readRevision } from '../chain/revisions.ts';
import { readHeader, withLf } from '../chain/script.ts';
import { MigrationError } from '../errors.ts';
import type { DialectGenerator, SchemaModules, Snapshot } from '../generate/dialect.ts';

/** A dialect with its schema and the folder of its chain. */
export interface ChainSource {
  readonly generator: DialectGenerator;
  readonly schema: SchemaModules;
  readonly folder: string;
}

/** A revision with what the runner doesn't need of it. */
export interface RevisionFiles {
  readonly revision: Revision;
  readonly chain: ChainName;
  /** For people: `drizzle/sqlite/2026_..._initial`. */
  readonly place: string;
  /** Absolute. */
  readonly path: string;
  readonly timestamp: string;
  readonly up: string;
  readonly down: string;
  /** Undefined if there is none that can be read. */
  readonly snapshot: Snapshot | undefined;
  /** The name of its data step, without `.ts`. */
  readonly data: string | undefined;
  /** As the header of down.sql has it. */
  readonly label: string;
}

export interface ChainFiles {
  readonly source: ChainSource;
  readonly chain: ChainName;
  readonly engine: string;
  /** For people: `drizzle/sqlite`. */
  readonly place: string;
  /** In the order of their names. */
  readonly revisions: readonly RevisionFiles[];
  /** Names in the folder that no revision has. */
  readonly strays: readonly string[];
  /** Folders that look like revisions and can't be read as such. */
  readonly unreadable: readonly { readonly place: string; readonly reason: string }[];
}

const FOLDER = /^\d{4}_\d{2}_\d{2}_\d{6}_/;

export function readFiles(source: ChainSource): ChainFiles {
  const { folder, generator } = source;
  const place = join(basename(dirname(folder)), basename(folder));
  const revisions: RevisionFiles[] = [];
  const unreadable: { place: string; reason: string }[] = [];
  const strays: string[] = [];
  for (const name of existsSync(folder) ? readdirSync(folder).sort() : []) {
    if (!FOLDER.test(name)) {
      strays.push(name);
      continue;
    }
    try {
      revisions.push(readOne(join(folder, name), join(place, name), generator.chain));
    } catch (error) {
      if (!(error instanceof MigrationError)) throw error;
      const reason = error.message.replaceAll(join(folder, name), join(place, name)).replace(/\.$/, '');
      unreadable.push({ place: join(place, name), reason });
    }
  }
  const { chain, engine } = generator;
  return { source, chain, engine, place, revisions, strays, unreadable };
}

function readOne(path: string, place: string, chain: ChainName): RevisionFiles {
  const name = basename(path);
  const revision = readRevision(path, name);
  const text = (file: string) => withLf(readFileSync(join(path, file), 'utf8'));
  const [up, down] = [text('up.sql'), text('down.sql')];
  return {
    revision,
    chain,
    place,
    path,
    timestamp: nameParts(name).timestamp,
    up,
    down,
    snapshot: readSnapshot(join(path, 'snapshot.json')),
    data: readHeader(up).get('data'),
    label: readHeader(down).get('down') ?? '',
  };
}

function readSnapshot(file: string): Snapshot | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

/** Names of the data steps in drizzle/data, without `.ts`. */
export function dataSteps(notesFolder: string): string[] {
  const folder = join(notesFolder, 'data');
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith('.ts'))
    .map((name) => name.slice(0, -3))
    .sort();
}

/** From the first revision on, as far as exactly one follows another. */
export function lineOf(revisions: readonly RevisionFiles[]): RevisionFiles[] {
  const line: RevisionFiles[] = [];
  for (let head: string | null = null; line.length <= revisions.length; head = line.at(-1)!.revision.id) {
    const next = revisions.filter(({ revision }) => revision.parent === head);
    if (next.length !== 1) break;
    line.push(next[0]!);
  }
  return line;
}
