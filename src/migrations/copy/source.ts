import { randomInt } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import { sql } from 'drizzle-orm';
import { type DatabaseTarget, fileOf } from '../../settings/settings.ts';
import type { MigrationConnection } from '../connection.ts';
import { lower, MigrationError } from '../errors.ts';
import { pendingRevisions } from '../run/pending.ts';
import { readState } from '../run/state.ts';

/** Refuses a source that isn't there, isn't ours, or isn't at the head of its chain. */
export async function readSource(
  source: MigrationConnection,
  from: DatabaseTarget,
  folder: string,
): Promise<void> {
  const file = fileOf(from);
  if (file !== null && !existsSync(file)) throw empty(source, "isn't there");
  const { chain, ledger, progress, exists } = await readState(source, { folder });
  if (!exists) throw empty(source, 'is empty');
  const pending = pendingRevisions(chain, ledger, source.place);
  if (pending.length === 0 && progress === null) return;
  const revisions = pending.length === 1 ? '1 revision' : `${pending.length} revisions`;
  throw new MigrationError(
    'behind',
    `${source.place} is behind this version of prefect-server by ${revisions}: ` +
      'set PREFECT_DATABASE_URL to it and run prefect-server database upgrade, then copy it.',
  );
}

const empty = ({ place }: MigrationConnection, what: string): MigrationError =>
  new MigrationError('not_ours', `Nothing was copied, since ${lower(place)} ${what}: correct --from.`);

/** By whatever names, also those of a hard link. */
export function isSameFile(one: string | null, other: string | null): boolean {
  if (one === null || other === null || !existsSync(one) || !existsSync(other)) return false;
  const [first, second] = [statSync(one, { bigint: true }), statSync(other, { bigint: true })];
  return first.dev === second.dev && first.ino === second.ino;
}

/** One database can have many addresses: what a session of the one locks is seen from the other. */
export async function isSameDatabase(
  source: MigrationConnection,
  target: MigrationConnection,
): Promise<boolean> {
  if (source.chain !== 'pg' || target.chain !== 'pg') return false;
  const key = randomInt(2 ** 47);
  const schema = sql`select current_schema() as name`;
  const [one] = await source.query<{ name: string }>(schema);
  const [other] = await target.query<{ name: string }>(schema);
  if (one!.name !== other!.name) return false;
  await target.query(sql`select pg_advisory_lock(${key}::bigint)`);
  try {
    const [row] = await source.query<{ same: boolean }>(sql`
      select exists (select from pg_locks where locktype = 'advisory' and objsubid = 1
        and database = (select oid from pg_database where datname = current_database())
        and (classid::bigint << 32) | objid::bigint = ${key}::bigint) as same`);
    return row!.same;
  } finally {
    await target.query(sql`select pg_advisory_unlock(${key}::bigint)`);
  }
}

export const sameDatabase = (place: string): MigrationError =>
  new MigrationError('not_ours', `${place} can't be copied onto itself: name another database with --to.`);
