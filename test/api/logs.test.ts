import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openDatabase } from '../../src/db/open.ts';
import { createLogs } from '../../src/entities/log.ts';
import { addSeconds } from '../../src/time/timestamp.ts';
import { createMigratedTarget } from '../support/database.ts';
import { type Api, startApi } from './client.ts';

let api: Api;
let flowRunId: string;
beforeAll(async () => {
  api = await startApi();
  const flow = (await api.post('/flows/', { name: 'f' })).body as { id: string };
  const run = await api.post('/flow_runs/', { flow_id: flow.id, name: 'a "run" ü' });
  flowRunId = (run.body as { id: string }).id;
});
afterAll(() => api.close());

const BEGAN = '2026-11-21T10:00:00.000000Z';
const line = (message: string, second: number, more: object = {}) => ({
  name: 'prefect.flow_runs',
  level: 20,
  message,
  timestamp: addSeconds(BEGAN, second),
  flow_run_id: flowRunId,
  task_run_id: null,
  ...more,
});

test('a batch is one statement on one engine and one prepared statement on the other, whatever its size', async () => {
  const own = await createMigratedTarget();
  const sent: string[] = [];
  const db = await openDatabase(own.target, { onStatement: (sql) => sent.push(sql) });
  try {
    const counts = [];
    for (const size of [1, 100, 5000]) {
      sent.length = 0;
      await createLogs(
        db,
        Array.from({ length: size }, (_, i) => line(`m${i}`, i)),
      );
      counts.push(sent.length);
    }
    expect(counts).toEqual([1, 1, 1]);
    expect(await db.orm.select().from(db.tables.log)).toHaveLength(5101);
  } finally {
    await db.close();
    await own.dispose();
  }
});

test('NULs are taken out of a log, which is kept', async () => {
  const sent = await api.post('/logs/', [line('a\0b', 0, { name: 'na\0me' })]);
  expect(sent).toMatchObject({ status: 201, text: 'null' });
  const found = await api.post('/logs/filter', { logs: { timestamp: { before_: BEGAN } } });
  expect(found.body).toMatchObject([{ name: 'name', message: 'ab' }]);
});

test('one bad log refuses the batch', async () => {
  const before = (await api.post('/logs/filter', {})).body as unknown[];
  const { status } = await api.post('/logs/', [line('good', 1), { ...line('bad', 1), level: 'x' }]);
  expect(status).toBe(422);
  expect(((await api.post('/logs/filter', {})).body as unknown[]).length).toBe(before.length);
});

describe('the text search', () => {
  const MESSAGES = [
    'Error on disk',
    'error on the NET',
    'all is well: 100% done',
    'all is well: 1000 done',
    'under_score',
    'underXscore',
    'said "quiet one" twice',
    'back\\slash and sl/ash',
  ];
  const ERRORS = MESSAGES.slice(0, 2);
  const search = async (query: string): Promise<string[]> => {
    const logs = {
      flow_run_id: { any_: [flowRunId] },
      timestamp: { after_: addSeconds(BEGAN, 100) },
      text: { query },
    };
    const found = (await api.post('/logs/filter', { logs })).body as { message: string }[];
    return found.map(({ message }) => message);
  };
  beforeAll(async () => {
    await api.post(
      '/logs/',
      MESSAGES.map((message, i) =>
        line(message, 100 + i, { name: i === 0 ? 'my.logger' : 'prefect.flow_runs' }),
      ),
    );
  });

  test.each([
    ['error', ERRORS],
    ['ERROR', ERRORS],
    ['disk net', ERRORS],
    ['error -net', [MESSAGES[0]]],
    ['error !DISK', [MESSAGES[1]]],
    ['+error +disk', [MESSAGES[0]]],
    ['+error +nothing', []],
    ['-error -well', MESSAGES.slice(4)],
    ['100%', [MESSAGES[2]]],
    ['under_score', [MESSAGES[4]]],
    ['"on disk"', [MESSAGES[0]]],
    ['"disk on"', []],
    ['"\\"quiet one\\""', [MESSAGES[6]]],
    ['back\\slash', [MESSAGES[7]]],
    ['sl/ash', [MESSAGES[7]]],
    ['my.logger', [MESSAGES[0]]],
    ['"on the', [MESSAGES[1]]],
    ['- ! +', MESSAGES],
    ['', MESSAGES],
    ['   ', MESSAGES],
    ['nothing', []],
  ])('%s', async (query, expected) => {
    expect(await search(query)).toEqual(expected);
  });

  test('is two hundred characters long at most', async () => {
    const logs = { text: { query: 'x'.repeat(201) } };
    expect((await api.post('/logs/filter', { logs })).status).toBe(422);
  });
});

describe('a file of all logs of a run', () => {
  test('has them all, in order, quoted where needed', async () => {
    const flow = (await api.post('/flows/', { name: 'f' })).body as { id: string };
    const run = (await api.post('/flow_runs/', { flow_id: flow.id, name: 'a "run" ü' })).body as {
      id: string;
    };
    const taskRunId = '00000000-0000-4000-8000-000000000001';
    const logs = Array.from({ length: 2500 }, (_, i) =>
      // Many of one moment, across the ends of the pages that they are read in.
      line(`line ${i}`, Math.floor(i / 700), { flow_run_id: run.id, task_run_id: i % 2 ? taskRunId : null }),
    );
    logs[3]!.message = 'a "quoted", text\nof two lines';
    logs[4]!.timestamp = addSeconds(BEGAN, -0.5);
    await api.post('/logs/', logs);
    const file = await api.ask('GET', `/flow_runs/${run.id}/logs/download`);
    expect(file.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(file.headers.get('content-disposition')).toBe(
      `attachment; filename="flow-run-logs.csv"; filename*=UTF-8''a%20%22run%22%20%C3%BC-logs.csv`,
    );
    const lines = file.text.split('\r\n');
    expect(lines[0]).toBe('timestamp,level,flow_run_id,task_run_id,message');
    expect(lines[1]).toBe(`2026-11-21 09:59:59.500000+00:00,20,${run.id},,line 4`);
    expect(lines[2]).toBe(`2026-11-21 10:00:00+00:00,20,${run.id},,line 0`);
    expect(lines[5]).toBe(
      `2026-11-21 10:00:00+00:00,20,${run.id},${taskRunId},"a ""quoted"", text\nof two lines"`,
    );
    const messages = lines.slice(1, -1).map((one) => /line (\d+)$/.exec(one)?.[1]);
    const expected = logs.map((_, i) => String(i)).filter((i) => i !== '4');
    expected.unshift('4');
    expect(messages).toEqual(expected.map((i) => (i === '3' ? undefined : i)));
  });

  test('of no run is a 404', async () => {
    const { status, body } = await api.ask('GET', `/flow_runs/${'0'.repeat(32)}/logs/download`);
    expect([status, body]).toEqual([404, { detail: 'Flow run not found' }]);
  });
});
