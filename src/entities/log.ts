import { and, asc, desc, eq, gt, gte, or } from 'drizzle-orm';
import { CommitListeners } from '../db/commit-listeners.ts';
import type { Database, Tables } from '../db/database.ts';
import { now, type Timestamp } from '../time/timestamp.ts';
import { uuid7 } from '../time/uuid7.ts';
import { type LogFilter, logFilter } from './filters/log.ts';
import { type LogSort, logSorts } from './filters/sorts.ts';
import type { Slice } from './list.ts';

export type Log = Tables['log']['$inferSelect'];
export type LogCreate = Pick<Log, 'name' | 'level' | 'message' | 'timestamp' | 'flow_run_id' | 'task_run_id'>;

const listeners = new CommitListeners<Log[]>();

/**
 * Calls `listener` with the logs of each transaction after its commit.
 * @returns what ends it
 */
export function onLogsCommitted(db: Database, listener: (logs: Log[]) => void): () => void {
  return listeners.add(db, listener);
}

/** Writes any number of logs at once; nothing asks whether their runs exist. */
export async function createLogs(db: Database, logs: LogCreate[]): Promise<void> {
  const moment = now();
  const rows = logs.map(({ name, level, message, timestamp, flow_run_id, task_run_id }) => ({
    // Ids in the order of creation: of two logs of one moment the first stays the first.
    id: uuid7(),
    created: moment,
    updated: moment,
    name,
    level,
    message,
    timestamp,
    flow_run_id,
    task_run_id,
  }));
  await db.insertMany(db.tables.log, rows);
  listeners.tell(db, rows);
}

/** The moment of the youngest change. */
export async function latestLogChange(db: Database): Promise<Timestamp | undefined> {
  const { log } = db.tables;
  const [row] = await db.orm.select({ updated: log.updated }).from(log).orderBy(desc(log.updated)).limit(1);
  return row?.updated ?? undefined;
}

/** What was written since then, in the order of writing; only of these flow runs, where they are given. */
export async function readLogIdsSince(
  db: Database,
  since: Timestamp,
  flowRunIds: string[] | null,
): Promise<{ id: string; updated: Timestamp }[]> {
  const { log } = db.tables;
  const ofRuns = flowRunIds ? db.dialect.isIn(log.flow_run_id, flowRunIds) : undefined;
  return db.orm
    .select({ id: log.id, updated: log.updated })
    .from(log)
    .where(and(gte(log.updated, since), ofRuns))
    .orderBy(asc(log.updated));
}

/** In the order of their moments. */
export async function readLogsByIds(db: Database, ids: string[]): Promise<Log[]> {
  const { log } = db.tables;
  return db.orm
    .select()
    .from(log)
    .where(db.dialect.isIn(log.id, ids))
    .orderBy(asc(log.timestamp), asc(log.id));
}

export function findLogs(
  db: Database,
  filter: LogFilter | null | undefined,
  { sort, limit, offset }: Slice<LogSort>,
): Promise<Log[]> {
  return db.longRead(async () =>
    db.orm
      .select()
      .from(db.tables.log)
      .where(logFilter(db, filter))
      .orderBy(...logSorts(db, sort))
      .limit(limit)
      .offset(offset),
  );
}

const PAGE = 1000;

/** All logs of a flow run and of its task runs, oldest first, a page at a time: however many there are, few are in memory. */
export async function* readLogsOfFlowRun(db: Database, flowRunId: string): AsyncGenerator<Log[]> {
  const { log } = db.tables;
  for (let last: Log | undefined; ; ) {
    // The first half lets the index begin where the last page ended.
    const after = last
      ? and(gte(log.timestamp, last.timestamp), or(gt(log.timestamp, last.timestamp), gt(log.id, last.id)))
      : undefined;
    const page = await db.longRead(async () =>
      db.orm
        .select()
        .from(log)
        .where(and(eq(log.flow_run_id, flowRunId), after))
        .orderBy(asc(log.timestamp), asc(log.id))
        .limit(PAGE),
    );
    if (page.length > 0) yield page;
    if (page.length < PAGE) return;
    last = page.at(-1);
  }
}
