import { afterAll, beforeAll, expect, test } from 'vitest';
import { openDatabase } from '../../src/db/open.ts';
import { type Stage, serve } from '../events/stage.ts';
import { createMigratedTarget, dialect } from '../support/database.ts';
import type { EmptyTarget } from '../support/engine.ts';
import { type Captured, openCaptured } from './capture.ts';
import { pretendMillions } from './million.ts';
import { filterRequests, otherRequests, type Request } from './requests.ts';
import { reasonFor, type Unserved, unserved } from './unserved.ts';
import { fillWorld } from './world.ts';

let own: EmptyTarget;
let captured: Captured;
let stage: Stage;

beforeAll(async () => {
  own = await createMigratedTarget();
  const db = await openDatabase(own.target);
  await fillWorld(db);
  await db.close();
  await pretendMillions(own.target);
  captured = await openCaptured(own.target);
  stage = await serve(captured.db, { PREFECT_LOGGING_SERVER_LEVEL: 'ERROR' });
});
afterAll(async () => {
  await stage?.close();
  await captured?.close();
  await own?.dispose();
});

/** The statements that a request sends and that none before it has sent. */
const known = new Set<string>();
async function newStatementsOf({ name, path, body, method = 'POST' }: Request, failures: string[]) {
  const response = await fetch(stage.url + path, {
    method,
    ...(method === 'POST' && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  });
  const text = await response.text();
  const statements = captured.take();
  if (!response.ok || statements.length === 0) {
    failures.push(`${name} is answered without a look at the database: ${response.status} ${text}`);
  }
  const fresh = statements.filter(({ sql }) => !known.has(sql));
  for (const { sql } of fresh) known.add(sql);
  return fresh;
}

const used = new Set<Unserved>();

async function failuresOf(requests: Request[]): Promise<string[]> {
  const failures: string[] = [];
  for (const request of requests) {
    for (const statement of await newStatementsOf(request, failures)) {
      const { complaints, plan } = await captured.judge(statement);
      for (const complaint of complaints) {
        const entry = reasonFor(request.name, complaint, dialect);
        if (entry) used.add(entry);
        else failures.push(`${request.name}\n  ${complaint}:\n${statement.sql}\n${plan}`);
      }
      if (complaints.length > 0 && dialect === 'sqlite' && !statement.long) {
        failures.push(`${request.name}\n  on the event loop: ${statement.sql}`);
      }
    }
  }
  return failures;
}

test('what is asked for by its id, name or run is found by an index', async () => {
  captured.dry = false;
  const failures = await failuresOf(otherRequests);
  expect(failures.length, failures.join('\n\n')).toBe(0);
});

test('no filter and no order reads or sorts a million rows, but for what is listed', async () => {
  // Only the plans are of interest: to read what thousands of statements find takes long.
  captured.dry = true;
  const failures = await failuresOf(filterRequests());
  expect(failures.length, failures.slice(0, 20).join('\n\n')).toBe(0);
  const idle = unserved.filter((entry) => (entry.engine ?? dialect) === dialect && !used.has(entry));
  expect(idle.map(({ at }) => String(at))).toEqual([]);
  expect(known.size).toBeGreaterThan(1000);
}, 240_000);
