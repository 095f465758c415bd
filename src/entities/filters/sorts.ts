import { asc, type Column, desc, type SQL, type SQLWrapper, sql } from 'drizzle-orm';
import type { Database, Tables } from '../../db/database.ts';

type Sort = [by: Column | SQL, direction: 'asc' | 'desc'];

/** What to order by, for the name that a request gives. */
type Sorts<Name extends string> = (db: Database, name: Name) => SQL[];

export type SortName<S> = S extends Sorts<infer Name> ? Name : never;

function defineSorts<Name extends string>(
  sorts: (tables: Tables) => { id: Column; by: Record<Name, Sort> },
): Sorts<Name> {
  return ({ tables, dialect }, name) => {
    const { id, by } = sorts(tables);
    const [column, direction] = by[name];
    const along = direction === 'asc' ? asc : desc;
    if (column === id) return [along(id)];
    // Null is the largest on both engines. The dialect says what keeps equal rows in one order from page to page.
    const first = isNullable(column) ? dialect[direction](column) : along(column);
    return [first, ...dialect.tieBreaker(along(id))];
  };
}

function isNullable(column: SQLWrapper): boolean {
  return !('notNull' in column && column.notNull === true);
}

const byName = ({ name }: { name: Column }): Record<'NAME_ASC' | 'NAME_DESC', Sort> => ({
  NAME_ASC: [name, 'asc'],
  NAME_DESC: [name, 'desc'],
});

type Stamped = { created: Column; updated: Column };

const byAge = ({ created, updated }: Stamped): Record<'CREATED_DESC' | 'UPDATED_DESC', Sort> => ({
  CREATED_DESC: [created, 'desc'],
  UPDATED_DESC: [updated, 'desc'],
});

type Run = Record<'name' | 'expected_start_time' | 'next_scheduled_start_time' | 'end_time', Column>;

const byRun = (run: Run) => ({
  ...byName(run),
  EXPECTED_START_TIME_ASC: [run.expected_start_time, 'asc'] as Sort,
  EXPECTED_START_TIME_DESC: [run.expected_start_time, 'desc'] as Sort,
  NEXT_SCHEDULED_START_TIME_ASC: [run.next_scheduled_start_time, 'asc'] as Sort,
  END_TIME_DESC: [run.end_time, 'desc'] as Sort,
});

const byKey = ({
  id,
  key,
}: {
  id: Column;
  key: Column;
}): Record<'ID_DESC' | 'KEY_DESC' | 'KEY_ASC', Sort> => ({
  ID_DESC: [id, 'desc'],
  KEY_DESC: [key, 'desc'],
  KEY_ASC: [key, 'asc'],
});

export const flowSorts = defineSorts(({ flow }) => ({
  id: flow.id,
  by: { ...byName(flow), ...byAge(flow) },
}));

export const deploymentSorts = defineSorts(({ deployment }) => ({
  id: deployment.id,
  by: { ...byName(deployment), ...byAge(deployment) },
}));

export const flowRunSorts = defineSorts(({ flow_run: run }) => {
  // Spelled as its indexes have it.
  const start = sql`coalesce(${run.start_time}, ${run.expected_start_time})`;
  return {
    id: run.id,
    by: {
      ID_DESC: [run.id, 'desc'],
      START_TIME_ASC: [start, 'asc'],
      START_TIME_DESC: [start, 'desc'],
      ...byRun(run),
    },
  };
});

export const taskRunSorts = defineSorts(({ task_run: run }) => ({
  id: run.id,
  by: { ID_DESC: [run.id, 'desc'], ...byRun(run) },
}));

export const logSorts = defineSorts(({ log }) => ({
  id: log.id,
  by: { TIMESTAMP_ASC: [log.timestamp, 'asc'], TIMESTAMP_DESC: [log.timestamp, 'desc'] },
}));

export const artifactSorts = defineSorts(({ artifact }) => ({
  id: artifact.id,
  by: { ...byKey(artifact), ...byAge(artifact) },
}));

export const artifactCollectionSorts = defineSorts(({ artifact_collection: collection }) => ({
  id: collection.id,
  by: { ...byKey(collection), ...byAge(collection) },
}));

export const automationSorts = defineSorts(({ automation }) => ({
  id: automation.id,
  by: { ...byName(automation), ...byAge(automation) },
}));

export const variableSorts = defineSorts(({ variable }) => ({
  id: variable.id,
  by: { ...byName(variable), ...byAge(variable) },
}));

export type FlowSort = SortName<typeof flowSorts>;
export type DeploymentSort = SortName<typeof deploymentSorts>;
export type FlowRunSort = SortName<typeof flowRunSorts>;
export type TaskRunSort = SortName<typeof taskRunSorts>;
export type LogSort = SortName<typeof logSorts>;
export type ArtifactSort = SortName<typeof artifactSorts>;
export type ArtifactCollectionSort = SortName<typeof artifactCollectionSorts>;
