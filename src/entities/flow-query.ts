import type { Database } from '../db/database.ts';
import type { FlowFilter } from './filters/flow.ts';
import { flowsWhere, type RunFilters } from './filters/related.ts';
import { type FlowSort, flowSorts } from './filters/sorts.ts';
import { deleteFlows, type Flow } from './flow.ts';
import { countRows, type Slice } from './list.ts';

export function findFlows(
  db: Database,
  filters: RunFilters,
  { sort, limit, offset }: Slice<FlowSort>,
): Promise<Flow[]> {
  const { flow } = db.tables;
  return db.longRead(async () =>
    db.orm
      .select()
      .from(flow)
      .where(flowsWhere(db, filters))
      .orderBy(...flowSorts(db, sort))
      .limit(limit)
      .offset(offset),
  );
}

export function countFlows(db: Database, filters: RunFilters): Promise<number> {
  return countRows(db, db.tables.flow, flowsWhere(db, filters));
}

/** Deletes the first flows by name that match. */
export function deleteMatchingFlows(
  db: Database,
  flows: FlowFilter | null | undefined,
  limit: number,
): Promise<string[]> {
  return db.transaction(async () => {
    const matching = await findFlows(db, { flows }, { sort: 'NAME_ASC', limit, offset: 0 });
    return deleteFlows(
      db,
      matching.map(({ id }) => id),
    );
  });
}
