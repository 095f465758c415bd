import { DatabaseUnavailable, unwrapDatabaseError, withoutParameters } from '../db/errors.ts';
import type { ServiceContext } from './service.ts';

/**
 * Does `work` for each row of each page, one after the other, so that requests get the writer in between; gives how many
 * it changed. A row that fails doesn't keep the others: the turn fails once all had their chance.
 */
export async function eachRow<Row extends { id: string }>(
  pages: AsyncIterable<Row[]>,
  { log, stopping }: ServiceContext,
  work: (row: Row) => Promise<boolean>,
): Promise<number> {
  let changed = 0;
  let failed = 0;
  let first: unknown;
  for await (const page of pages) {
    for (const row of page) {
      if (stopping.aborted) return changed;
      try {
        if (await work(row)) changed++;
      } catch (error) {
        if (unwrapDatabaseError(error) instanceof DatabaseUnavailable) throw error;
        log.debug({ err: withoutParameters(error), id: row.id }, 'a run could not be changed');
        failed++;
        first ??= error;
      }
    }
  }
  if (failed > 0) {
    const message = first instanceof Error ? (unwrapDatabaseError(first) as Error).message : String(first);
    throw new Error(`${failed} runs could not be changed: ${message}`, { cause: first });
  }
  return changed;
}
