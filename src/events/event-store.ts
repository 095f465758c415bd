import type { Logger } from 'pino';
import type { Database } from '../db/database.ts';
import { DatabaseUnavailable, unwrapDatabaseError } from '../db/errors.ts';
import { insertEvents, type ReceivedEvent } from '../entities/event/event.ts';
import {
  InvalidTaskRunEvent,
  isClientTaskRun,
  type TaskRunRecord,
  taskRunOfEvent,
} from '../entities/task-run/event.ts';
import { recordTaskRuns } from '../entities/task-run/recorder.ts';
import { LateTaskRuns } from './late-task-runs.ts';

/**
 * Writes what clients send: the events and the task runs that they tell of, together. One that the database refuses is
 * parted from the others, and keeps its own row of `events` where it can.
 */
export class EventStore {
  private readonly db: Database;
  private readonly log: Logger;
  private readonly late: LateTaskRuns;

  constructor(db: Database, log: Logger) {
    this.db = db;
    this.log = log;
    this.late = new LateTaskRuns(db, log);
  }

  /**
   * Resolves when all is committed that can be.
   * @throws DatabaseUnavailable; nothing is lost then if the same events are given again
   */
  async write(events: ReceivedEvent[]): Promise<void> {
    if (events.length === 0) return;
    try {
      await this.commit(events);
    } catch (thrown) {
      const error = unwrapDatabaseError(thrown);
      if (error instanceof DatabaseUnavailable) throw error;
      if (events.length === 1) return this.rescue(events[0]!, error);
      const middle = events.length >> 1;
      await this.write(events.slice(0, middle));
      await this.write(events.slice(middle));
    }
  }

  close(): Promise<void> {
    return this.late.close();
  }

  private async commit(events: ReceivedEvent[]): Promise<void> {
    const records = this.taskRunsOf(events);
    const orphans = await this.db.transaction(async () => {
      await insertEvents(this.db, events);
      return recordTaskRuns(this.db, records);
    });
    this.late.add(orphans);
  }

  private taskRunsOf(events: ReceivedEvent[]): TaskRunRecord[] {
    return events.filter(isClientTaskRun).flatMap((event) => {
      try {
        return [taskRunOfEvent(event)];
      } catch (error) {
        if (!(error instanceof InvalidTaskRunEvent)) throw error;
        const fields = { event_id: event.id, event: event.event, reason: error.message };
        this.log.error(fields, 'the task run of an event is not recorded: the event is malformed');
        return [];
      }
    });
  }

  /** An event that the database refuses although it is alone: maybe its task run is why. */
  private async rescue(event: ReceivedEvent, error: unknown): Promise<void> {
    try {
      await this.db.transaction(() => insertEvents(this.db, [event]));
    } catch (thrown) {
      if (unwrapDatabaseError(thrown) instanceof DatabaseUnavailable) throw thrown;
      this.log.error({ event_id: event.id, event: event.event, err: thrown }, 'an event is dropped');
      return;
    }
    this.log.warn({ event_id: event.id, err: error }, 'the task run of an event is refused; trying again');
    this.late.add(this.taskRunsOf([event]), 0, error);
  }
}

const stores = new WeakMap<Database, EventStore>();

/** The one store of a database, shared by sockets and REST. */
export function eventStoreOf(db: Database, log: Logger): EventStore {
  let store = stores.get(db);
  if (!store) {
    store = new EventStore(db, log);
    stores.set(db, store);
  }
  return store;
}
