import { and, asc, eq, exists, gt, gte, lt, ne, notExists, or, type SQL, sql } from 'drizzle-orm';
import type { Database } from '../../db/database.ts';
import { addSeconds, now } from '../../time/timestamp.ts';

/** Which deployments the scheduler looks at in one go, after the last id of the go before. */
export interface Page {
  after: string | null;
  size: number;
}

/**
 * Deployments of which an active schedule has fewer than `minRuns` runs ahead, or none that is so far ahead as `minSeconds`;
 * in the order of their ids.
 */
export function findDeploymentsToSchedule(
  db: Database,
  { minRuns, minSeconds }: { minRuns: number; minSeconds: number },
  page: Page,
): Promise<string[]> {
  const { deployment_schedule: schedule, flow_run } = db.tables;
  const moment = now();
  // As the index of a schedule's runs has it.
  const ahead = and(
    eq(flow_run.deployment_id, schedule.deployment_id),
    sql`${flow_run.state_type} = 'SCHEDULED'`,
    sql`${flow_run.auto_scheduled} = ${db.dialect.isTrue}`,
    sql`${db.dialect.jsonId(flow_run.created_by)} = cast(${schedule.id} as text)`,
    gte(flow_run.next_scheduled_start_time, moment),
  );
  const some = db.orm.select({ one: sql`1` }).from(flow_run).where(ahead).limit(minRuns);
  const count = sql`(select count(*) from (${some}) few)`;
  const farEnough = db.orm
    .select({ one: sql`1` })
    .from(flow_run)
    .where(and(ahead, gte(flow_run.next_scheduled_start_time, addSeconds(moment, minSeconds))));
  const isShort = or(lt(count, minRuns), notExists(farEnough));
  return findIds(db, [hasActiveSchedule(db, isShort)], page);
}

/** Deployments that were made or changed in the last seconds, and have an active schedule. */
export function findRecentDeployments(db: Database, seconds: number, page: Page): Promise<string[]> {
  const { deployment } = db.tables;
  const since = gte(deployment.updated, addSeconds(now(), -seconds));
  return findIds(db, [since, hasActiveSchedule(db)], page);
}

function hasActiveSchedule(db: Database, more?: SQL): SQL {
  const { deployment, deployment_schedule: schedule } = db.tables;
  const ofDeployment = eq(schedule.deployment_id, deployment.id);
  return exists(
    db.orm
      .select({ one: sql`1` })
      .from(schedule)
      .where(and(ofDeployment, eq(schedule.active, true), more)),
  );
}

async function findIds(db: Database, conditions: SQL[], { after, size }: Page): Promise<string[]> {
  const { deployment } = db.tables;
  const rows = await db.longRead(async () =>
    db.orm
      .select({ id: deployment.id })
      .from(deployment)
      .where(
        and(
          ne(deployment.paused, true),
          ...conditions,
          after === null ? undefined : gt(deployment.id, after),
        ),
      )
      .orderBy(asc(deployment.id))
      .limit(size),
  );
  return rows.map(({ id }) => id);
}
