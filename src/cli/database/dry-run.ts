import type { ChainName } from '../../migrations/chain/revisions.ts';
import { chainOf } from '../../migrations/connect.ts';
import { downgradeSteps, type Step } from '../../migrations/run/downgrade.ts';
import { dryRunSql } from '../../migrations/run/dry-run.ts';
import { current } from '../../migrations/run/status.ts';
import { answer, type OutputOptions } from '../output.ts';
import { openContext } from './context.ts';

export interface DryRunFlags {
  dryRun?: boolean;
  /** Prints the chain of this engine, and asks no database. */
  dialect?: 'sqlite' | 'postgresql';
}

type Flags = DryRunFlags & OutputOptions & { revision: string };

const CHAINS: Record<NonNullable<DryRunFlags['dialect']>, ChainName> = { sqlite: 'sqlite', postgresql: 'pg' };

/** The SQL of an upgrade: from where the database is, or, for a dialect, from base or the `from` of `-r from:to`. */
export async function printUpgrade(flags: Flags): Promise<void> {
  const { from, to } = range(flags.revision);
  if (flags.dialect)
    return print(
      dryRunSql({ chain: CHAINS[flags.dialect], direction: 'up', from: from ?? 'base', to }),
      flags,
    );
  const { target } = await openContext();
  const at = from ?? (await current(target)).head?.id ?? 'base';
  print(dryRunSql({ chain: chainOf(target), direction: 'up', from: at, to }), flags);
}

/** The same of a downgrade: of a database it is what its ledger keeps, so that any revision can be looked at. */
export async function printDowngrade(flags: Flags): Promise<void> {
  const { from, to } = range(flags.revision);
  if (flags.dialect)
    return print(
      dryRunSql({ chain: CHAINS[flags.dialect], direction: 'down', from: from ?? 'head', to }),
      flags,
    );
  const { target } = await openContext();
  print((await downgradeSteps(target, { to })).map(script).join('\n'), flags);
}

function range(revision: string): { from?: string; to: string } {
  const [from, to] = revision.split(':');
  return from && to ? { from, to } : { to: revision };
}

function script({ row, down }: Step): string {
  const title = `-- Back from ${row.id} (${row.name}): ${down.label}${down.detail ? ` (${down.detail})` : ''}`;
  const body = down.statements.map((statement) => `${statement.replace(/;\s*$/, '')};\n`);
  return [title, '', ...(down.transactional ? ['BEGIN;\n', ...body, 'COMMIT;\n'] : body)].join('\n');
}

function print(sql: string, flags: OutputOptions): void {
  answer({ sql }, sql.trimEnd() || '-- Nothing to do.', flags);
}
