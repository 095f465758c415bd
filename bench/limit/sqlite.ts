import { randomUUID } from 'node:crypto';
import SqliteDriver from 'better-sqlite3';
import { now as timestamp } from '../../src/time/timestamp.ts';
import { type Rows, RUN } from './rows.ts';

export function openSqlite(file: string): Rows {
  const db = new SqliteDriver(file);
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = NORMAL');
  const now = () => timestamp().slice(0, 26).replace('T', ' ');
  const get = db.prepare(`${RUN} where r.id = ?`);
  const insertRun = db.prepare(
    `insert into flow_run (id, created, updated, name, flow_id, parameters, tags, state_id, state_type, state_name, state_timestamp,
      expected_start_time) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  // A state and its run point at each other: the run comes first.
  const pointAt = db.prepare('update flow_run set state_id = ? where id = ?');
  const insertState = db.prepare(
    'insert into flow_run_state (id, created, updated, flow_run_id, type, timestamp, name) values (?, ?, ?, ?, ?, ?, ?)',
  );
  const insertEvent = db.prepare(
    `insert into events (id, created, updated, occurred, event, resource_id, resource, related_resource_ids, related, payload, received, recorded)
      values (?, ?, ?, ?, ?, ?, ?, '[]', ?, ?, ?, ?)`,
  );
  const insertResource = db.prepare(
    `insert into event_resources (id, created, updated, occurred, resource_id, resource_role, resource, event_id)
      values (?, ?, ?, ?, ?, '', ?, ?)`,
  );
  const setState = db.prepare(
    'update flow_run set state_id = ?, state_type = ?, state_name = ?, state_timestamp = ?, updated = ? where id = ?',
  );
  const insertLog = db.prepare(
    'insert into log (id, created, updated, name, level, message, timestamp, flow_run_id) values (?, ?, ?, ?, ?, ?, ?, ?)',
  );
  const filter = db.prepare(
    `${RUN} where r.state_type in (select value from json_each(?)) order by r.expected_start_time desc limit ?`,
  );
  const count = db
    .prepare('select count(*) as n from flow_run where state_type in (select value from json_each(?))')
    .pluck();
  const event = (
    id: string,
    name: string,
    resource: string,
    at: string,
    body: { resource?: unknown; related?: unknown; payload?: unknown },
  ) => {
    insertEvent.run(
      id,
      at,
      at,
      at,
      name,
      resource,
      JSON.stringify(body.resource ?? {}),
      JSON.stringify(body.related ?? []),
      JSON.stringify(body.payload ?? {}),
      at,
      at,
    );
    insertResource.run(randomUUID(), at, at, at, resource, JSON.stringify(body.resource ?? {}), id);
  };
  return {
    get: async (id) => get.get(id),
    create: async (body) =>
      db.transaction(() => {
        const [id, state, at] = [randomUUID(), randomUUID(), now()];
        insertRun.run(
          id,
          at,
          at,
          body.name,
          body.flow_id,
          JSON.stringify(body.parameters),
          JSON.stringify(body.tags),
          null,
          body.state.type,
          body.state.name,
          at,
          at,
        );
        insertState.run(state, at, at, id, body.state.type, at, body.state.name);
        pointAt.run(state, id);
        event(state, 'prefect.flow-run.Pending', `prefect.flow-run.${id}`, at, {});
        return get.get(id);
      })(),
    setState: async (id, body) =>
      db.transaction(() => {
        get.get(id);
        const [state, at] = [randomUUID(), now()];
        insertState.run(state, at, at, id, body.state.type, at, body.state.name);
        setState.run(state, body.state.type, body.state.name, at, at, id);
        event(state, 'prefect.flow-run.Running', `prefect.flow-run.${id}`, at, {});
        return {
          state: { id: state, ...body.state, timestamp: at },
          status: 'ACCEPT',
          details: { type: 'accept_details' },
        };
      })(),
    filter: async (types, limit) => filter.all(JSON.stringify(types), limit),
    count: async (types) => count.get(JSON.stringify(types)) as number,
    logs: async (body) =>
      db.transaction(() => {
        const at = now();
        for (const log of body)
          insertLog.run(
            randomUUID(),
            at,
            at,
            log.name,
            log.level,
            log.message,
            log.timestamp,
            log.flow_run_id,
          );
      })(),
    events: async (body) =>
      db.transaction(() => {
        for (const one of body) event(one.id, one.event, one.resource['prefect.resource.id']!, now(), one);
      })(),
  };
}
