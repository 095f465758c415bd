import { expect, test } from 'vitest';
import { openDatabase } from '../../src/db/open.ts';
import { updateDeployment } from '../../src/entities/deployment/update.ts';
import { upsertDeployment } from '../../src/entities/deployment/upsert.ts';
import { createFlow } from '../../src/entities/flow.ts';
import { createWorkPool, deleteWorkPool } from '../../src/entities/work-pool/work-pool.ts';
import { recordHeartbeat } from '../../src/entities/work-pool/worker.ts';
import { HttpError } from '../../src/errors.ts';
import { createTestDatabase } from '../support/database.ts';

const ROUNDS = 4;

test('workers that come up and deployments that move wait for the deletion of their pool, and it for them', async () => {
  const { target, dispose } = await createTestDatabase();
  if (target.backend !== 'postgres') throw new Error('PostgreSQL only');
  const quick = { ...target, poolSize: 20, sessionParameters: { deadlock_timeout: '50ms' } };
  const sent: string[] = [];
  const db = await openDatabase(quick, { onStatement: (sql) => sent.push(sql) });
  try {
    const flow = await createFlow(db, { name: 'flow' });
    for (let round = 0; round < ROUNDS; round++) {
      const pool = `pool ${round}`;
      await createWorkPool(db, { name: pool, type: 'process' });
      const moved = { flow_id: flow.id, name: 'moved' };
      const { id } = await upsertDeployment(db, moved);
      const asked: Promise<unknown>[] = [];
      for (let i = 0; i < 8; i++) {
        asked.push(recordHeartbeat(db, pool, { name: `worker ${i}` }));
        asked.push(updateDeployment(db, id, { work_pool_name: pool, work_queue_name: `queue ${i % 3}` }));
        asked.push(
          upsertDeployment(db, { ...moved, work_pool_name: pool, work_queue_name: `queue ${i % 3}` }),
        );
        if (i === 4) asked.push(deleteWorkPool(db, pool));
      }
      const failures = (await Promise.allSettled(asked)).flatMap((done) =>
        done.status === 'rejected' ? [done.reason] : [],
      );
      // The deletion is one of them; what comes after it finds no pool.
      for (const failure of failures) expect(failure).toBeInstanceOf(HttpError);
    }
    // None was done twice, as what locks up with others is.
    const heartbeats = sent.filter((sql) => sql.startsWith('insert into "worker"'));
    expect(heartbeats.length).toBeLessThanOrEqual(ROUNDS * 8);
    const locks = sent.filter((sql) => sql.includes('from "deployment"') && sql.endsWith('of "deployment"'));
    const asOften = locks.filter((sql) => sql.includes('"id" = $1'));
    expect(asOften.length).toBeLessThanOrEqual(ROUNDS * 8);
  } finally {
    await db.close();
    await dispose();
  }
});
