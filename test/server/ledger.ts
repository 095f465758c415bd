import { sql } from 'drizzle-orm';
import type { Database } from '../../src/db/database.ts';

const KINDS = [
  'flow_runs',
  'flow_run_states',
  'task_runs',
  'task_run_states',
  'logs',
  'labels',
  'artifacts',
  'events',
] as const;
type Kind = (typeof KINDS)[number];

/** What there is of each kind, under a name that no two have. */
export type Contents = Record<Kind, Set<string>>;

function nothing(): Contents {
  return Object.fromEntries(KINDS.map((kind) => [kind, new Set()])) as Contents;
}

/** Everything that a server has acknowledged, whichever process of it. */
export class Ledger {
  readonly acknowledged = nothing();

  add(kind: Kind, ...names: string[]): void {
    for (const name of names) this.acknowledged[kind].add(name);
  }

  get size(): number {
    return KINDS.reduce((sum, kind) => sum + this.acknowledged[kind].size, 0);
  }

  /** What was acknowledged and isn't in the database: must be nothing, whatever happened. */
  lostFrom(stored: Contents): string[] {
    return difference(this.acknowledged, stored);
  }
}

/** What is in `all` and not in `some`, by kind: how many, and one of them. */
export function difference(all: Contents, some: Contents): string[] {
  return KINDS.flatMap((kind) => {
    const missing = [...all[kind]].filter((name) => !some[kind].has(name));
    return missing.length === 0 ? [] : [`${missing.length} ${kind}, one is ${missing[0]}`];
  });
}

/** Labels and events that the writers of the tests made begin so; the server adds some of its own. */
export const MARK = 'w-';

/** Reads what is in the database, past the server. */
export async function readContents(db: Database): Promise<Contents> {
  const contents = nothing();
  const { tables, orm } = db;
  const idsOf = {
    flow_runs: tables.flow_run,
    flow_run_states: tables.flow_run_state,
    task_runs: tables.task_run,
    task_run_states: tables.task_run_state,
    artifacts: tables.artifact,
  };
  for (const [kind, table] of Object.entries(idsOf)) {
    for (const { id } of await orm.select({ id: table.id }).from(table)) contents[kind as Kind].add(id);
  }
  for (const { message } of await orm.select({ message: tables.log.message }).from(tables.log))
    contents.logs.add(message);
  for (const { id, labels } of await orm
    .select({ id: tables.flow_run.id, labels: tables.flow_run.labels })
    .from(tables.flow_run)) {
    for (const key of Object.keys(labels ?? {}))
      if (key.startsWith(MARK)) contents.labels.add(`${id} ${key}`);
  }
  for (const { id } of await orm
    .select({ id: tables.events.id })
    .from(tables.events)
    .where(db.dialect.startsWith(tables.events.event, MARK)))
    contents.events.add(id);
  return contents;
}

/** Half-written changes, each as a query that counts them. */
const HALVES: Record<string, string> = {
  'flow runs whose state is not there or not theirs': `
    select count(*) as n from flow_run r where r.state_id is not null
    and not exists (select 1 from flow_run_state s where s.id = r.state_id and s.flow_run_id = r.id)`,
  'flow runs that differ from their state': `
    select count(*) as n from flow_run r join flow_run_state s on s.id = r.state_id
    where s.type <> r.state_type or s.name <> r.state_name or s.timestamp <> r.state_timestamp`,
  'flow runs that have states and point to none': `
    select count(*) as n from flow_run r where r.state_id is null
    and exists (select 1 from flow_run_state s where s.flow_run_id = r.id)`,
  'flow run states without an event': `
    select count(*) as n from flow_run_state s where not exists (select 1 from events e where e.id = s.id)`,
  'events of flow runs without a state': `
    select count(*) as n from events e where e.event like 'prefect.flow-run.%'
    and not exists (select 1 from flow_run_state s where s.id = e.id)`,
  'events without their resource': `
    select count(*) as n from events e
    where not exists (select 1 from event_resources r where r.event_id = e.id and r.resource_role = '')`,
  'resources without their event': `
    select count(*) as n from event_resources r where not exists (select 1 from events e where e.id = r.event_id)`,
  'task runs whose state is not there or not theirs': `
    select count(*) as n from task_run r where r.state_id is not null
    and not exists (select 1 from task_run_state s where s.id = r.state_id and s.task_run_id = r.id)`,
  'task runs that differ from their state': `
    select count(*) as n from task_run r join task_run_state s on s.id = r.state_id
    where s.type <> r.state_type or s.name <> r.state_name or s.timestamp <> r.state_timestamp`,
  'task run events that recorded no state': `
    select count(*) as n from events e where e.event like 'prefect.task-run.%'
    and not exists (select 1 from task_run_state s where s.id = e.id)`,
  'keys of artifacts whose newest is not there': `
    select count(*) as n from artifact_collection c
    where not exists (select 1 from artifact a where a.id = c.latest_id and a.key = c.key)`,
  'artifacts whose key has no newest': `
    select count(*) as n from artifact a where a.key is not null
    and not exists (select 1 from artifact_collection c where c.key = a.key)`,
};

/** What is wrong with a database that servers were killed on; nothing is as it must be. */
export async function findDamage(db: Database): Promise<string[]> {
  const damage: string[] = [];
  for (const [what, query] of Object.entries(HALVES)) {
    const [row] = await db.execute<{ n: number }>(sql.raw(query));
    if (Number(row!.n) > 0) damage.push(`${row!.n} ${what}`);
  }
  return damage;
}
