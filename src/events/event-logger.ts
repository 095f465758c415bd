import type { Logger } from 'pino';
import type { Database } from '../db/database.ts';
import { onEventsCommitted, RESOURCE_ID } from '../entities/event/event.ts';

/**
 * Prefect's EventLogger, for who looks for a fault: a line in the log for each event that this server commits.
 * @returns what ends it
 */
export function logEvents(db: Database, log: Logger): () => void {
  const own = log.child({ module: 'event_logger' });
  return onEventsCommitted(db, (events) => {
    for (const { id, event, occurred, resource } of events)
      own.info({ event_id: id, occurred, resource_id: resource[RESOURCE_ID] }, event);
  });
}
