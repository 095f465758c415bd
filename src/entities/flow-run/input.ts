import { and, asc, eq, not } from 'drizzle-orm';
import type { Database, Tables } from '../../db/database.ts';
import { now } from '../../time/timestamp.ts';

export type FlowRunInput = Tables['flow_run_input']['$inferSelect'];

/** @throws IntegrityError when the run has this key already, or isn't there */
export async function createFlowRunInput(
  db: Database,
  input: Pick<FlowRunInput, 'flow_run_id' | 'key' | 'value' | 'sender'>,
): Promise<void> {
  const moment = now();
  await db.orm.insert(db.tables.flow_run_input).values({ ...input, created: moment, updated: moment });
}

export async function readFlowRunInput(
  db: Database,
  flowRunId: string,
  key: string,
): Promise<FlowRunInput | undefined> {
  const { flow_run_input: input } = db.tables;
  const [row] = await db.orm
    .select()
    .from(input)
    .where(and(eq(input.flow_run_id, flowRunId), eq(input.key, key)));
  return row;
}

/** Inputs of a run whose keys begin with the prefix, oldest first. */
export function findFlowRunInputs(
  db: Database,
  flowRunId: string,
  { prefix, exclude_keys, limit }: { prefix: string; exclude_keys: string[]; limit: number },
): Promise<FlowRunInput[]> {
  const { flow_run_input: input } = db.tables;
  return db.longRead(async () =>
    db.orm
      .select()
      .from(input)
      .where(
        and(
          eq(input.flow_run_id, flowRunId),
          prefix === '' ? undefined : db.dialect.startsWith(input.key, prefix),
          exclude_keys.length === 0 ? undefined : not(db.dialect.isIn(input.key, exclude_keys)),
        ),
      )
      .orderBy(asc(input.created))
      .limit(limit),
  );
}

/** False when there is no such input. */
export async function deleteFlowRunInput(db: Database, flowRunId: string, key: string): Promise<boolean> {
  const { flow_run_input: input } = db.tables;
  const rows = await db.orm
    .delete(input)
    .where(and(eq(input.flow_run_id, flowRunId), eq(input.key, key)))
    .returning({ id: input.id });
  return rows.length > 0;
}
