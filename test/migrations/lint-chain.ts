import type { ChainName } from '../../src/migrations/chain/revisions.ts';
import type { Snapshot } from '../../src/migrations/generate/dialect.ts';
import { type LintReport, lint } from '../../src/migrations/lint/lint.ts';
import type { ChainFiles, RevisionFiles } from '../../src/migrations/repository/files.ts';
import { type Notes, parseNotes } from '../../src/migrations/repository/notes.ts';

export interface Step {
  up: string[];
  snapshot: object;
  transactional?: boolean;
  label?: string;
  landed?: boolean;
}

/** The twelve digits of the revision with that number. */
export const idOf = (chain: ChainName, number: number): string =>
  `${chain === 'pg' ? 'b' : 'a'}${String(number).padStart(11, '0')}`;

function chainOf(chain: ChainName, steps: readonly Step[]): ChainFiles {
  const revisions = steps.map(
    ({ up, snapshot, transactional = true, label = 'lossless' }, index): RevisionFiles => {
      const id = idOf(chain, index);
      const timestamp = `2026_01_0${index + 1}_000000`;
      const folder = `${timestamp}_${id}_change`;
      return {
        revision: {
          id,
          parent: index === 0 ? null : idOf(chain, index - 1),
          slug: 'change',
          folder,
          checksum: '',
          transactional,
          breaking: false,
          statements: up,
          downSql: '',
          label: 'lossless',
          data: null,
        },
        chain,
        place: `drizzle/${chain}/${folder}`,
        path: '',
        timestamp,
        up: '',
        down: '',
        snapshot: snapshot as Snapshot,
        data: undefined,
        label,
      };
    },
  );
  const engine = chain === 'pg' ? 'PostgreSQL' : 'SQLite';
  return {
    source: {} as ChainFiles['source'],
    chain,
    engine,
    place: '',
    revisions,
    strays: [],
    unreadable: [],
  };
}

/** Notes with an entry for each pair, the lines given in the newest. */
function notesWith(count: number, lines: readonly string[]): Notes {
  const entries = Array.from({ length: count }, (_, index) =>
    [
      `## 2026-01-0${index + 1} Change`,
      '',
      `- SQLite: \`${idOf('sqlite', index)}\``,
      `- Postgres: \`${idOf('pg', index)}\``,
      ...(index === count - 1 ? lines : []),
    ].join('\n'),
  );
  return parseNotes(`# Notes\n\n${entries.toReversed().join('\n\n')}\n`);
}

export function lintChains(
  chains: Partial<Record<ChainName, Step[]>>,
  lines: readonly string[] = [],
  landed: ReadonlySet<string> | null = null,
): LintReport {
  const all = (Object.entries(chains) as [ChainName, Step[]][]).map(([chain, steps]) =>
    chainOf(chain, steps),
  );
  const count = Math.max(...all.map(({ revisions }) => revisions.length));
  return lint({ chains: all, notes: notesWith(count, lines), landed });
}

/** `rule on table` of the newest revision. */
export function rulesOf({ revisions }: LintReport): string[] {
  const newest = revisions.at(-1)!;
  const hazards = [...newest.hazards, ...newest.statements.flatMap((one) => one.hazards)];
  return hazards.map(({ rule, table }) => `${rule} on ${table}`);
}
