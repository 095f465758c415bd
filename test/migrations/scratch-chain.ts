import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runFolder, uniqueName } from '../support/engine.ts';

export interface ScratchRevision {
  id: string;
  slug: string;
  /** The revision before it in the list, unless it is given; null means base. */
  parent?: string | null;
  up: string[];
  down?: string;
  header?: string;
}

/** Writes a chain of one's own into a temporary folder; called again for the same folder, it replaces the chain. */
export function writeChain(
  revisions: ScratchRevision[],
  folder = join(runFolder(), uniqueName('chain')),
): string {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  revisions.forEach((revision, index) => {
    const { id, slug, up, down = '-- Down: lossless\n', header } = revision;
    const parent = revision.parent === undefined ? revisions[index - 1]?.id : revision.parent;
    const path = join(folder, `2026_01_${String(index + 1).padStart(2, '0')}_000000_${id}_${slug}`);
    mkdirSync(path);
    const lines = [
      `-- Revision: ${id}`,
      `-- Revises: ${parent ?? 'base'}`,
      '-- Create Date: 2026-01-01T00:00:00Z',
      ...(header ? [header] : []),
    ];
    writeFileSync(
      join(path, 'up.sql'),
      `${lines.join('\n')}\n\n${up.join('\n--> statement-breakpoint\n')}\n`,
    );
    writeFileSync(join(path, 'down.sql'), down);
  });
  return folder;
}

export const A = 'aaaaaaaaaaaa';
export const B = 'bbbbbbbbbbbb';
export const C = 'cccccccccccc';

/** A balance that doubles: two runs of the second revision, or none, can't be mistaken for one. */
export const account: ScratchRevision[] = [
  {
    id: A,
    slug: 'account',
    up: [
      'create table account (id integer primary key, balance integer not null)',
      'insert into account values (1, 100)',
    ],
  },
  { id: B, slug: 'double', up: ['update account set balance = balance * 2'] },
];
