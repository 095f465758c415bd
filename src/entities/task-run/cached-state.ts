import { and, desc, eq, gt, isNull, or, sql } from 'drizzle-orm';
import type { Database } from '../../db/database.ts';
import { prepared } from '../../db/prepared.ts';
import { now } from '../../time/timestamp.ts';
import { toState } from '../run/row.ts';
import type { State } from '../run/state.ts';

const cached = prepared(({ orm, tables }) => {
  const { artifact, task_run_state, task_run_state_cache: cache } = tables;
  const moment = sql.param(sql.placeholder('moment'), cache.cache_expiration);
  return orm
    .select({ state: task_run_state, artifact: { data: artifact.data } })
    .from(cache)
    .leftJoin(task_run_state, eq(task_run_state.id, cache.task_run_state_id))
    .leftJoin(artifact, eq(artifact.id, task_run_state.result_artifact_id))
    .where(
      and(
        eq(cache.cache_key, sql.placeholder('cache_key')),
        or(isNull(cache.cache_expiration), gt(cache.cache_expiration, moment)),
      ),
    )
    .orderBy(desc(cache.created))
    .limit(1)
    .prepare('cached_task_run_state');
});

/** The completed state that was cached last under this key, unless it has expired or is gone. */
export async function findCachedState(db: Database, cache_key: string): Promise<State | null> {
  const [found] = await cached(db).execute({ cache_key, moment: now() });
  return found?.state ? toState(found.state, found.artifact) : null;
}
