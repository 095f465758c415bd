import { randomInt } from 'node:crypto';
import { existsSync, realpathSync } from 'node:fs';
import { sql } from 'drizzle-orm';
import { type DatabaseTarget, fileOf } from '../../settings/settings.ts';
import type { MigrationConnection } from '../connection.ts';
import { MigrationError } from '../errors.ts';
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
  throw new MigrationError(
    'behind',
    `${source.place} is behind this version of prefect-server by ${pending.length} revisions: ` +
      'set PREFECT_DATABASE_URL to it and run prefect-server database upgrade, then copy it.',
  );
}

const empty = ({ place }: MigrationConnection, what: string): MigrationError =>
  new MigrationError('not_ours', `Nothing was copied, since ${place} ${what}: correct --from.`);

export const isSameFile = (one: string | null, other: string | null): boolean =>
  one !== null &&
  other !== null &&
  existsSync(one) &&
  existsSync(other) &&
  realpathSync(one) === realpathSync(other);

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
