import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import pino from 'pino';
import { createApp } from '../src/api/app.ts';
import { openDatabase } from '../src/db/open.ts';
import { resolveSettings } from '../src/settings/resolve.ts';

const LEASES = '/v2/concurrency_limits';

/** How many statements one operation sends, counted where they leave for the driver. */
export async function countStatements(databaseUrl: string): Promise<Record<string, number>> {
  const settings = resolveSettings({
    flags: [],
    env: { PREFECT_API_DATABASE_CONNECTION_URL: databaseUrl },
    cwd: process.cwd(),
  });
  let sent = 0;
  const db = await openDatabase(settings.databaseTarget, {
    onStatement: (sql) => {
      if (!/^(begin|commit|rollback)/i.test(sql)) sent++;
    },
  });
  const app = createApp({ db, settings, log: pino({ level: 'silent' }) });
  app.server.listen(0, '127.0.0.1');
  await once(app.server, 'listening');
  const url = `http://127.0.0.1:${(app.server.address() as { port: number }).port}/api`;

  const counts: Record<string, number> = {};
  const call = async (
    name: string,
    method: string,
    path: string,
    body?: unknown,
  ): Promise<{ id: string; lease_id?: string }> => {
    sent = 0;
    const answer = await fetch(url + path, {
      method,
      headers: { 'content-type': 'application/json' },
      body: body === undefined ? null : JSON.stringify(body),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${name}: ${answer.status} ${text}`);
    counts[name] = sent;
    return JSON.parse(text || '{}');
  };
  try {
    const flow = await call('create flow', 'POST', '/flows/', { name: `statements-${randomUUID()}` });
    const run = await call('create', 'POST', '/flow_runs/', { flow_id: flow.id, state: { type: 'PENDING' } });
    await call('get', 'GET', `/flow_runs/${run.id}`);
    await call('set_state', 'POST', `/flow_runs/${run.id}/set_state`, { state: { type: 'RUNNING' } });
    await call('filter', 'POST', '/flow_runs/filter', { limit: 50 });
    await call('count', 'POST', '/flow_runs/count', {});
    const deployment = await call('create deployment', 'POST', '/deployments/', {
      name: 'statements',
      flow_id: flow.id,
    });
    await call('get a deployment', 'GET', `/deployments/${deployment.id}`);
    await call('run a deployment', 'POST', `/deployments/${deployment.id}/create_flow_run`, {});
    const limit = 'statements';
    await call('create limit', 'POST', '/v2/concurrency_limits/', { name: limit, limit: 9 });
    const slots = { names: [limit], slots: 1 };
    const { lease_id } = await call('take a slot', 'POST', `${LEASES}/increment-with-lease`, slots);
    await call('renew a lease', 'POST', `${LEASES}/leases/${lease_id}/renew`, {});
    await call('give back a slot', 'POST', `${LEASES}/decrement-with-lease`, { lease_id });
    const line = {
      name: 'l',
      level: 20,
      message: 'm',
      timestamp: new Date().toISOString(),
      flow_run_id: run.id,
    };
    await call('1 log', 'POST', '/logs/', [line]);
    await call('100 logs', 'POST', '/logs/', Array(100).fill(line));
  } finally {
    await app.close();
    await db.close();
  }
  return counts;
}
