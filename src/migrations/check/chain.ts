import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { nameParts, twinName } from '../chain/folder-name.ts';
import { readHeader } from '../chain/script.ts';
import { type ChainFiles, lineOf, type RevisionFiles } from '../repository/files.ts';
import type { Failure } from './check.ts';

const NO_SNAPSHOT = '00000000-0000-0000-0000-000000000000';

/** What can be said of one chain alone. */
export function checkChain(files: ChainFiles, notesFolder: string): Failure[] {
  const { chain, unreadable, revisions } = files;
  const failures: Failure[] = [
    ...strays(files),
    ...unreadable.map(({ place, reason }): Failure => {
      return { rule: 'header', chain, message: `${reason}, or bring it back with git checkout -- ${place}.` };
    }),
    ...revisions.flatMap(headers),
    ...revisions.flatMap((one) => dataStep(one, notesFolder)),
  ];
  // With a revision left out every other one would seem out of line.
  return unreadable.length > 0 ? failures : [...failures, ...line(files)];
}

function strays({ chain, place, strays: names }: ChainFiles): Failure[] {
  return names
    .filter((name) => !name.startsWith('.'))
    .map((name) => {
      const path = join(place, name);
      const foreign = name === 'meta' || name.endsWith('.sql');
      const message = foreign
        ? `${path} is of drizzle-kit's own generate, and no server would run it: ` +
          `run rm -r ${path}, then npm run generate -- "what changes".`
        : `${path} belongs to no revision: run rm -r ${path}.`;
      return { rule: 'foreign-file', chain, message };
    });
}

function headers({ chain, place, timestamp, up }: RevisionFiles): Failure[] {
  const created = timestamp.replace(/^(....)_(..)_(..)_(..)(..)(..)$/, '$1-$2-$3 $4:$5:$6');
  const found = readHeader(up).get('create date');
  if (found === created) return [];
  const message =
    `${place}/up.sql has the header "-- Create Date: ${found ?? ''}", but its folder says ${created}: ` +
    `bring it back with git checkout -- ${place}.`;
  return [{ rule: 'header', chain, message }];
}

function dataStep({ chain, place, revision, data }: RevisionFiles, notesFolder: string): Failure[] {
  if (data === undefined) return [];
  const name = twinName(revision.folder);
  const failure = (message: string): Failure[] => [{ rule: 'data', chain, message }];
  const file = join(notesFolder, 'data', `${data}.ts`);
  const shown = join(basename(notesFolder), 'data', `${data}.ts`);
  if (!existsSync(file)) {
    return failure(
      `${place}/up.sql names the data step ${shown}, which isn't there: run git checkout -- ${shown}.`,
    );
  }
  if (data !== name) {
    return failure(
      `${place} has the data step ${shown}, whose name must be ${name}.ts: ` +
        `run npm run migrations:rebase ${revision.id}.`,
    );
  }
  if (!/^\s*import\b|\bimport\s*\(|\brequire\s*\(/m.test(readFileSync(file, 'utf8'))) return [];
  return failure(`${shown} imports something that may change later: write what it needs into it.`);
}

/** The order of the parents, and that of time. */
function line({ chain, engine, revisions }: ChainFiles): Failure[] {
  const failures: Failure[] = [];
  const byId = new Map(revisions.map((one) => [one.revision.id, one]));
  for (const parent of new Set(revisions.map(({ revision }) => revision.parent))) {
    const siblings = revisions.filter(({ revision }) => revision.parent === parent);
    if (siblings.length === 1) continue;
    const names = siblings.map(({ revision: { id, slug } }) => `${id} (${slug})`).join(' and ');
    const message = `${names} both revise ${parent ?? 'base'} on ${engine}: run npm run migrations:rebase.`;
    failures.push({ rule: 'line', chain, message });
  }
  for (const one of revisions) {
    const parent = one.revision.parent === null ? null : byId.get(one.revision.parent);
    failures.push(...(parent === undefined ? orphan(one) : behind(one, parent)));
  }
  if (failures.length === 0 && lineOf(revisions).length < revisions.length) {
    const message = `The revisions of ${engine} go round in a circle: bring back their up.sql with git checkout.`;
    failures.push({ rule: 'line', chain, message });
  }
  return failures;
}

function orphan({ chain, place, revision: { id, parent } }: RevisionFiles): Failure[] {
  const message =
    `${place} revises ${parent}, which isn't in the chain: bring that back from git, ` +
    `or run npm run migrations:rebase ${id}.`;
  return [{ rule: 'line', chain, message }];
}

function behind(one: RevisionFiles, parent: RevisionFiles | null): Failure[] {
  const { chain, place, revision, timestamp, snapshot } = one;
  const rebase = `run npm run migrations:rebase ${revision.id}.`;
  if (parent && timestamp <= parent.timestamp) {
    const message = `${place} comes after ${parent.revision.id} in the chain, but not in time: ${rebase}`;
    return [{ rule: 'timestamps', chain, message }];
  }
  if (!snapshot) {
    const message = `${place}/snapshot.json isn't there or is no JSON: run git checkout -- ${place}/snapshot.json.`;
    return [{ rule: 'snapshot', chain, message }];
  }
  if (parent && !parent.snapshot) return [];
  if (snapshot.prevId === (parent?.snapshot?.id ?? NO_SNAPSHOT)) return [];
  const message = `${place}/snapshot.json doesn't follow the one of ${parent?.revision.id ?? 'base'}: ${rebase}`;
  return [{ rule: 'snapshot', chain, message }];
}

/** Each revision has its twin of the same name on the other chain, and both have the same data step. */
export function checkTwins(chains: readonly ChainFiles[], steps: readonly string[]): Failure[] {
  const folders = (files: ChainFiles) =>
    [...files.revisions, ...files.unreadable].map(({ place }) => ({
      place,
      name: twinName(basename(place)),
    }));
  const failures = chains.flatMap((files) =>
    chains
      .filter((other) => other !== files)
      .flatMap((other) => {
        const there = new Set(folders(other).map(({ name }) => name));
        return folders(files)
          .filter(({ name }) => !there.has(name))
          .map(({ place }) => noTwin(files, place, other));
      }),
  );
  return [...failures, ...sameData(chains), ...unused(chains, steps)];
}

function noTwin({ chain }: ChainFiles, place: string, other: ChainFiles): Failure {
  const { timestamp, slug } = nameParts(basename(place));
  const message =
    `${place} has no twin on ${other.engine}: bring back ${other.place}/${timestamp}_*_${slug} from git, ` +
    'or remake both with npm run generate -- --amend.';
  return { rule: 'twin', chain, message };
}

function sameData(chains: readonly ChainFiles[]): Failure[] {
  const [one, other] = chains;
  const twins = new Map(other?.revisions.map((files) => [twinName(files.revision.folder), files]));
  return (one?.revisions ?? []).flatMap((files): Failure[] => {
    const twin = twins.get(twinName(files.revision.folder));
    if (!twin || twin.data === files.data) return [];
    const [without, step] = files.data === undefined ? [files, twin.data] : [twin, files.data];
    const message =
      `${without.place}/up.sql doesn't name the data step of its twin: ` +
      `write "-- Data: ${step}" into its header, then run npm run generate:check -- --accept.`;
    return [{ rule: 'data', chain: without.chain, message }];
  });
}

function unused(chains: readonly ChainFiles[], steps: readonly string[]): Failure[] {
  const used = new Set(chains.flatMap(({ revisions }) => revisions.map(({ data }) => data)));
  // A revision that can't be read may be the one that uses it.
  const unread = new Set(
    chains.flatMap(({ unreadable }) => unreadable.map(({ place }) => twinName(basename(place)))),
  );
  return steps
    .filter((step) => !used.has(step) && !unread.has(step))
    .map((step) => {
      const file = `drizzle/data/${step}.ts`;
      return { rule: 'data', message: `${file} is the data step of no revision: run rm ${file}.` };
    });
}
