import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { now as timestamp } from '../../src/time/timestamp.ts';
import { type EventBody, type Rows, RUN } from './rows.ts';

export function openPostgres(url: string): Rows {
  const pool = new pg.Pool({ connectionString: url, max: 15 });
  const run = async (name: string, text: string, values: unknown[], client: pg.Pool | pg.PoolClient = pool) =>
    (await client.query({ name, text, values })).rows;
  const inTransaction = async <T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T> => {
    const client = await pool.connect();
    try {
      await client.query('begin');
      const result = await work(client);
      await client.query('commit');
      return result;
    } finally {
      client.release();
    }
  };
  const states =
    'insert into flow_run_state (id, flow_run_id, type, timestamp, name) values ($1, $2, $3, $4, $5)';
  const events = async (client: pg.PoolClient, rows: EventBody[]) => {
    const at = new Date().toISOString();
    await run(
      'events',
      `insert into events (id, occurred, event, resource_id, resource, related, payload, received, recorded)
       select * from unnest($1::uuid[], $2::timestamptz[], $3::text[], $4::text[], $5::jsonb[], $6::jsonb[], $7::jsonb[], $8::timestamptz[], $9::timestamptz[])`,
      [
        rows.map((e) => e.id),
        rows.map(() => at),
        rows.map((e) => e.event),
        rows.map((e) => e.resource['prefect.resource.id']),
        rows.map((e) => JSON.stringify(e.resource)),
        rows.map((e) => JSON.stringify(e.related)),
        rows.map((e) => JSON.stringify(e.payload)),
        rows.map(() => at),
        rows.map(() => at),
      ],
      client,
    );
    await run(
      'event_resources',
      `insert into event_resources (occurred, resource_id, resource_role, resource, event_id)
       select * from unnest($1::timestamptz[], $2::text[], $3::text[], $4::json[], $5::uuid[])`,
      [
        rows.map(() => at),
        rows.map((e) => e.resource['prefect.resource.id']),
        rows.map(() => ''),
        rows.map((e) => JSON.stringify(e.resource)),
        rows.map((e) => e.id),
      ],
      client,
    );
  };
  const stateEvent = (id: string, name: string, runId: string): EventBody => ({
    id,
    occurred: '',
    event: `prefect.flow-run.${name}`,
    resource: { 'prefect.resource.id': `prefect.flow-run.${runId}` },
    related: [],
    payload: {},
  });
  return {
    get: async (id) => (await run('get', `${RUN} where r.id = $1`, [id]))[0],
    create: (body) =>
      inTransaction(async (client) => {
        const [id, state, at] = [randomUUID(), randomUUID(), new Date().toISOString()];
        await run(
          'create',
          `insert into flow_run (id, name, flow_id, parameters, tags, state_id, state_type, state_name, state_timestamp, expected_start_time)
           values ($1, $2, $3, $4, $5, null, $6, $7, $8, $8)`,
          [
            id,
            body.name,
            body.flow_id,
            JSON.stringify(body.parameters),
            JSON.stringify(body.tags),
            body.state.type,
            body.state.name,
            at,
          ],
          client,
        );
        await run('state', states, [state, id, body.state.type, at, body.state.name], client);
        await run('point', 'update flow_run set state_id = $1 where id = $2', [state, id], client);
        await events(client, [stateEvent(state, body.state.name, id)]);
        return (await run('get', `${RUN} where r.id = $1`, [id], client))[0];
      }),
    setState: (id, body) =>
      inTransaction(async (client) => {
        await run('lock', `${RUN} where r.id = $1 for update of r`, [id], client);
        const [state, at] = [randomUUID(), timestamp()];
        await run('state', states, [state, id, body.state.type, at, body.state.name], client);
        await run(
          'set',
          'update flow_run set state_id = $1, state_type = $2, state_name = $3, state_timestamp = $4, updated = $4 where id = $5',
          [state, body.state.type, body.state.name, at, id],
          client,
        );
        await events(client, [stateEvent(state, body.state.name, id)]);
        return {
          state: { id: state, ...body.state, timestamp: at },
          status: 'ACCEPT',
          details: { type: 'accept_details' },
        };
      }),
    filter: (types, limit) =>
      run(
        'filter',
        `${RUN} where r.state_type = any($1::state_type[]) order by r.expected_start_time desc limit $2`,
        [types, limit],
      ),
    count: async (types) =>
      Number(
        (
          await run('count', 'select count(*) as n from flow_run where state_type = any($1::state_type[])', [
            types,
          ])
        )[0].n,
      ),
    logs: async (body) => {
      await run(
        'logs',
        `insert into log (name, level, message, timestamp, flow_run_id)
         select * from unnest($1::text[], $2::smallint[], $3::text[], $4::timestamptz[], $5::uuid[])`,
        [
          body.map((l) => l.name),
          body.map((l) => l.level),
          body.map((l) => l.message),
          body.map((l) => l.timestamp),
          body.map((l) => l.flow_run_id),
        ],
      );
    },
    events: (body) => inTransaction((client) => events(client, body)),
  };
}
