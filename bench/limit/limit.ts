/**
 * The limit that the server is measured against: bare Express 5 with raw prepared statements that touch the same rows.
 * It checks nothing, orchestrates nothing and knows one engine at a time. Run as: limit.ts <url of the database>
 */
import { createServer } from 'node:http';
import express from 'express';
import { WebSocketServer } from 'ws';
import { openPostgres } from './postgres.ts';
import type { EventBody } from './rows.ts';
import { openSqlite } from './sqlite.ts';

const url = process.argv[2]!;
const rows = url.startsWith('postgres') ? openPostgres(url) : openSqlite(url);

const app = express();
app.use('/api', express.json({ limit: '32mb' }));
app.get('/api/ready', (_request, response) => void response.json(true));
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
