import { get } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { run as execute, rows } from '../migrations/inspect.ts';
import { LAST, NEXT, useBuilds } from './newer-build.ts';
import { freePort } from './port.ts';

const builds = useBuilds();
const { run } = builds;

interface Ready {
  status: number;
  body: {
    state: string;
    detail: string;
    migration: { revision: string; number: number; of: number; statement: number; statements: number };
  };
}

const ask = (port: number): Promise<Ready | null> =>
  new Promise((resolve) => {
    get({ port, path: '/api/ready', agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part) => {
        text += part;
      });
      response.on('end', () => resolve({ status: response.statusCode!, body: JSON.parse(text) }));
    }).on('error', () => resolve(null));
  });

test('servers of a newer build start: one migrates and tells how far it is, one waits and says so, and goes on when the first is stopped', {
  timeout: 120_000,
}, async () => {
  await execute(builds.target, 'create table hold as select 1 as x');
  const port = await freePort();
  const first = run(['start', '--port', String(port)], {}, builds.newer.program);
  let ready = await ask(port);
  while (ready?.body.migration?.statement !== 1) {
    await sleep(50);
    ready = await ask(port);
  }
  expect(ready).toMatchObject({
    status: 503,
    body: { state: 'migrating', migration: { revision: NEXT, number: 1, of: 2, statements: 3 } },
  });

  const second = run(['start', '--port', '0'], {}, builds.newer.program);
  const waits = new RegExp(
    `^waiting for the migration lock, held by .*process ${first.child.pid} on .*connected \\d+ s ago`,
  );
  while (!second.lines.some(({ msg }) => waits.test(msg))) await sleep(50);
  first.child.kill('SIGTERM');
  expect(await first.ended).toMatchObject({ code: 0, stderr: expect.not.stringContaining('"fatal"') });
  while (!second.lines.some(({ msg }) => msg === `going on with: ${NEXT}`)) await sleep(50);
  await execute(builds.target, 'delete from hold');
  expect(await second.served()).toMatchObject({ revision: LAST });
  expect(await rows(builds.target, 'select id from next order by id')).toEqual([{ id: 1 }, { id: 2 }]);
});
