/**
 * What no index serves, each with its reason. Such a statement runs off the event loop (on SQLite in a reading thread,
 * two at a time; on PostgreSQL within the statement timeout) and gives back a number, a page or as many groups as a
 * chart has. Whatever isn't listed is a failure, and so is an entry that nothing needs.
 */
import type { EngineName } from '../support/engine.ts';

export interface Unserved {
  /** Of the request's name: path, filter, operator. */
  at: RegExp;
  /** Of the complaint: both unless it is said. */
  what?: 'reads' | 'sorts';
  /** Both unless it is said. */
  engine?: EngineName;
  reason: string;
}

export const unserved: Unserved[] = [
  {
    at: /(count|lateness) without a filter$/,
    what: 'reads',
    reason: 'All rows are asked about.',
  },
  {
    at: /^\/(ui\/)?(flow_runs|task_runs)\/(history|dashboard\/counts) /,
    what: 'sorts',
    engine: 'sqlite',
    reason: 'What an index finds of the span that is asked for is put into groups.',
  },
  {
    at: /\.(not_any_|is_null_|exists_|eq_|ge_|le_) = /,
    reason: 'As a rule most rows meet it: to look each of them up takes longer than to read the table.',
  },
  {
    at: /\.tags\./,
    reason: 'No index of Prefect reaches into the list of tags of a row.',
  },
  {
    at: /\.(like_|startswith_) = /,
    reason: 'A text in the midst of a name: PostgreSQL has trigrams for most of them, SQLite has nothing.',
  },
  {
    at: /\.created_by\./,
    reason: 'Who made a run lies within a JSON object that has no index.',
  },
  {
    at: /\.(before_|after_) = /,
    engine: 'sqlite',
    reason:
      "SQLite doesn't know how long ago a moment is: it takes each for one that a quarter of all rows lie after.",
  },
  {
    at: /\.idempotency_key\.any_ /,
    engine: 'sqlite',
    reason: 'A key is unique within its flow, and the index begins with the flow.',
  },
  {
    at: /\.state\.(type|name)\.any_ /,
    engine: 'sqlite',
    what: 'sorts',
    reason: "The states that few runs are in are found by an index, and SQLite doesn't know which they are.",
  },
  {
    at: / (work_pools|work_queues|work_pool_queues)\.|work_queue_name\.any_ /,
    reason: 'A pool or a queue has a large part of all runs.',
  },
  {
    at: / deployments\.name\.any_ /,
    engine: 'sqlite',
    what: 'sorts',
    reason: 'A name may be that of deployments of any number of flows; the index begins with the flow.',
  },
  {
    at: /artifacts\/count artifacts\.(type|key)\./,
    what: 'reads',
    reason: 'There are few types of artifacts.',
  },
  {
    at: /^\/work_pools\/.*get_scheduled_flow_runs$/,
    engine: 'sqlite',
    what: 'sorts',
    reason:
      "Where a pool has a limit, the runs that take a slot are counted by queue: few, but SQLite doesn't know it.",
  },
  {
    at: /^\/ui\/flows\/next-runs$/,
    engine: 'sqlite',
    what: 'sorts',
    reason: 'The first planned run of each flow: as many are sorted as schedules have planned.',
  },
  {
    at: /^\/events\/filter filter\.(event\.prefix|resource\.distinct) /,
    engine: 'sqlite',
    what: 'sorts',
    reason: 'With statistics SQLite goes through the names of events, each of the days asked for, and sorts.',
  },
];

/** The entry for one complaint about one request. */
export function reasonFor(name: string, complaint: string, engine: EngineName): Unserved | undefined {
  return unserved.find(
    (entry) =>
      (entry.engine ?? engine) === engine &&
      (entry.what === undefined || complaint.startsWith(entry.what)) &&
      entry.at.test(name),
  );
}
