import { prefectHead } from '../../src/migrations/adopt/prefect-revisions.ts';
import { upgrade } from '../../src/migrations/run/upgrade.ts';
import { createEmptyTarget, dialect, type EmptyTarget } from '../support/engine.ts';
import { run } from './inspect.ts';

export const PREFECT_HEAD = prefectHead(dialect === 'sqlite' ? 'sqlite' : 'pg');

/** A flow as Prefect's server leaves it. */
export const FLOW_ID = '11111111-1111-4111-8111-111111111111';

/** A database as Prefect itself makes it, within a moment: our first revision is just that, as test/schema proves. */
export async function createPrefects(...statements: string[]): Promise<EmptyTarget> {
  const empty = await createEmptyTarget();
  const { target } = empty;
  await upgrade(target, { to: '+1', reporter: { line() {} } });
  await run(
    target,
    'drop table _migrations',
    `create table alembic_version (version_num varchar(32) not null,
      constraint alembic_version_pkc primary key (version_num))`,
    `insert into alembic_version values ('${PREFECT_HEAD}')`,
    `insert into flow (id, name) values ('${FLOW_ID}', 'ours?')`,
    ...statements,
  );
  return empty;
}
