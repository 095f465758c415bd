import { afterAll, beforeAll, expect, test } from 'vitest';
import { openDatabase } from '../../src/db/open.ts';
import { recentDeploymentsScheduler, scheduler } from '../../src/services/scheduler.ts';
import { turn } from '../services/stage.ts';
import { createMigratedTarget } from '../support/database.ts';
import type { EmptyTarget } from '../support/engine.ts';
import { type Captured, openCaptured } from './capture.ts';
import { pretendMillions } from './million.ts';
import { fillWorld } from './world.ts';

let own: EmptyTarget;
let captured: Captured;

beforeAll(async () => {
  own = await createMigratedTarget();
  const db = await openDatabase(own.target);
  await fillWorld(db);
  await db.close();
  await pretendMillions(own.target);
  captured = await openCaptured(own.target);
});
afterAll(async () => {
  await captured?.close();
  await own?.dispose();
});

test('the scheduler finds what it looks for without reading or sorting a million rows', async () => {
  for (const service of [scheduler, recentDeploymentsScheduler]) {
    await turn(service, captured.db);
    const statements = captured.take();
    expect(statements.length).toBeGreaterThan(0);
    for (const statement of statements) {
      const { complaints, plan } = await captured.judge(statement);
      expect(complaints, `${statement.sql}\n${plan}`).toEqual([]);
    }
  }
});
