/**
 * The limit that the server is measured against: bare Express 5 with raw prepared statements that touch the same rows.
 * It checks nothing, orchestrates nothing and knows one engine at a time. Run as: limit.ts <url of the database>
 */
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import SqliteDriver from 'better-sqlite3';
import express from 'express';
import pg from 'pg';
import { WebSocketServer } from 'ws';
import { now as timestamp } from '../src/time/timestamp.ts';

interface Rows {
  get(id: string): Promise<unknown>;
  create(body: CreateBody): Promise<unknown>;
  setState(id: string, body: StateBody): Promise<unknown>;
  filter(types: string[], limit: number): Promise<unknown[]>;
  count(types: string[]): Promise<number>;
  logs(body: LogBody[]): Promise<void>;
  events(body: EventBody[]): Promise<void>;
}

interface StateBody {
  state: { type: string; name: string };
}
interface CreateBody extends StateBody {
  flow_id: string;
  name: string;
  parameters: unknown;
  tags: unknown;
}
interface LogBody {
  name: string;
  level: number;
  message: string;
  timestamp: string;
  flow_run_id: string | null;
}
interface EventBody {
  id: string;
  occurred: string;
  event: string;
  resource: Record<string, string>;
  related: unknown;
  payload: unknown;
}

const RUN = `select r.*, s.id as s_id, s.type as s_type, s.name as s_name, s.timestamp as s_timestamp, s.message as s_message,
  s.state_details as s_details, s.data as s_data from flow_run r left join flow_run_state s on s.id = r.state_id`;

function openSqlite(file: string): Rows {
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

function openPostgres(url: string): Rows {
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

const url = process.argv[2]!;
const rows = url.startsWith('postgres') ? openPostgres(url) : openSqlite(url);

const app = express();
app.use('/api', express.json({ limit: '32mb' }));
app.get('/api/health', (_request, response) => void response.json(true));
app.get(
  '/api/flow_runs/:id',
  async (request, response) => void response.json(await rows.get(request.params.id)),
);
app.post(
  '/api/flow_runs/',
  async (request, response) => void response.status(201).json(await rows.create(request.body)),
);
app.post(
  '/api/flow_runs/:id/set_state',
  async (request, response) =>
    void response.status(201).json(await rows.setState(request.params.id, request.body)),
);
app.post(
  '/api/flow_runs/filter',
  async (request, response) =>
    void response.json(await rows.filter(request.body.flow_runs.state.type.any_, request.body.limit)),
);
app.post(
  '/api/flow_runs/count',
  async (request, response) => void response.json(await rows.count(request.body.flow_runs.state.type.any_)),
);
app.post('/api/logs/', async (request, response) => {
  await rows.logs(request.body);
  response.status(201).json(null);
});

const server = createServer(app);
const sockets = new WebSocketServer({
  server,
  path: '/api/events/in',
  autoPong: false,
  handleProtocols: () => 'prefect',
});
sockets.on('connection', (socket) => {
  let waiting: EventBody[] = [];
  let writing = Promise.resolve();
  const flush = () => {
    const batch = waiting;
    waiting = [];
    if (batch.length > 0) writing = writing.then(() => rows.events(batch));
    return writing;
  };
  socket.on('message', (data) => {
    const message = JSON.parse(String(data));
    if (message.type === 'auth') {
      socket.send('{"type":"auth_success"}');
      return;
    }
    waiting.push(message);
    if (waiting.length === 1) setImmediate(flush);
  });
  socket.on('ping', async (data) => {
    await flush();
    socket.pong(data);
  });
});
server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as { port: number }).port }));
