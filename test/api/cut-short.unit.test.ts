import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import express from 'express';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { mountRoutes, type Services } from '../../src/api/mount.ts';
import { defineRoute, Reply } from '../../src/api/route.ts';

async function* broken(): AsyncGenerator<string> {
  yield 'the beginning';
  throw new Error('the database is gone');
}

test('an answer that breaks off is never taken for whole, and the log says why', async () => {
  const logged: Record<string, unknown>[] = [];
  const log = pino({}, { write: (line: string) => void logged.push(JSON.parse(line)) });
  const route = defineRoute({
    method: 'get',
    path: '/',
    summary: 'Break Off',
    tag: 'Test',
    handler: async () => new Reply(200, Readable.from(broken())),
  });
  const app = express().use('/file', mountRoutes([route], { log } as Services));
  const server = app.listen(0, '127.0.0.1');
  try {
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as AddressInfo;
    const answer = await fetch(`http://127.0.0.1:${port}/file/`);
    await expect(answer.text()).rejects.toThrow();
    expect(logged).toMatchObject([{ level: 50, err: { message: 'the database is gone' } }]);
  } finally {
    server.close();
  }
});
