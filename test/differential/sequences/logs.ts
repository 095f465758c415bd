import { type Group, post, type Step, send, sequence } from '../sequence.ts';

const log = (rest: Record<string, unknown>): Record<string, unknown> => ({
  name: 'prefect.flow_runs',
  level: 20,
  message: 'hello',
  timestamp: '<now>',
  flow_run_id: '<uuid:run>',
  ...rest,
});
const mine = { flow_run_id: { any_: ['<uuid:run>'] } };
const seeded: Step[] = [
  post('/logs/', [
    log({ level: 10, message: 'debug one', timestamp: '<now-50>' }),
    log({ level: 20, message: 'Info 100% sure', timestamp: '<now-40>', task_run_id: '<uuid:task>' }),
    log({ level: 30, message: 'warning under_score', timestamp: '<now-30>' }),
    log({
      level: 40,
      message: 'an ERROR of "the" disk',
      timestamp: '<now-20>',
      task_run_id: '<uuid:task>',
      name: 'prefect.task_runs',
    }),
    log({ level: 50, message: 'critical error of the net', timestamp: '<now-10>' }),
  ]),
];
const filters: Record<string, Record<string, unknown>[]> = {
  run: [
    mine,
    { flow_run_id: { any_: [] } },
    { flow_run_id: {}, ...{ task_run_id: { any_: ['<uuid:task>'] } } },
  ],
  'task run': [
    { task_run_id: { any_: ['<uuid:task>'] } },
    { ...mine, task_run_id: { is_null_: true } },
    { ...mine, task_run_id: { is_null_: false } },
    { ...mine, task_run_id: { operator: 'or_', any_: ['<uuid:task>'], is_null_: true } },
    { ...mine, task_run_id: {} },
  ],
  level: [
    { ...mine, level: { ge_: 30 } },
    { ...mine, level: { le_: 30 } },
    { ...mine, level: { ge_: 20, le_: 40 } },
    { ...mine, level: { ge_: '30' } },
  ],
  time: [
    { ...mine, timestamp: { before_: '<now-30>' } },
    { ...mine, timestamp: { after_: '<now-30>' } },
    { ...mine, timestamp: { after_: '<now-30>', before_: '<now-30>' } },
  ],
  or: [
    { operator: 'or_', level: { ge_: 9000, le_: 8000 }, task_run_id: { any_: ['<uuid:task>'] } },
    { operator: 'or_', flow_run_id: { any_: ['<uuid:run>'] }, task_run_id: { any_: ['<uuid:nobody>'] } },
  ],
};
const texts = [
  'error',
  'ERROR',
  '100%',
  'under_score',
  '"ERROR of"',
  'error -net',
  'error !disk',
  '+error +net',
  'info warning',
  '',
  '   ',
  'nothing',
  '"un',
  '-error',
  'the \\"the\\"',
];

export const logs: Group = {
  name: 'logs',
  sequences: [
    sequence('write and read', [
      post('/logs/', []),
      post('/logs/', [log({})]),
      post('/logs/filter', { logs: mine }),
      post('/logs/', [
        log({ task_run_id: '<uuid:task>', message: '', name: '' }),
        log({ message: 'ünï\n\t"x"', level: 0 }),
      ]),
      post('/logs/filter', { logs: mine }, { unordered: true }),
      post('/logs/', [log({ flow_run_id: null, message: 'free <tag>' })]),
      post('/logs/', [{ name: 'n', level: 20, message: 'm', timestamp: '<now>' }]),
    ]),
    sequence(
      'levels',
      post('/logs/', [
        log({ level: -5 }),
        log({ level: 0 }),
        log({ level: 100000 }),
        log({ level: '30' }),
        log({ level: 30.0 }),
      ]),
      post('/logs/filter', { logs: mine }, { unordered: true }),
    ),
    sequence('moments in other spellings', [
      post('/logs/', [
        log({ message: 'a', timestamp: '2024-05-06T07:08:09Z' }),
        log({ message: 'b', timestamp: '2024-05-06T07:08:09.5+02:00' }),
        log({ message: 'c', timestamp: '2024-05-06 07:08:09.123456' }),
        log({ message: 'd', timestamp: 1714979288 }),
        log({ message: 'e', timestamp: 1714979289.25 }),
        log({ message: 'f', timestamp: '2024-05-06' }),
        log({ message: 'g', timestamp: 1714979289123 }),
      ]),
      post('/logs/filter', { logs: mine }),
    ]),
    ...Object.entries(filters).map(([name, all]) =>
      sequence(
        `filter by ${name}`,
        seeded,
        all.map((filter) => post('/logs/filter', { logs: filter })),
      ),
    ),
    ...texts.map((query) =>
      sequence(
        `text ${JSON.stringify(query)}`,
        seeded,
        post('/logs/filter', { logs: { ...mine, text: { query } } }),
      ),
    ),
    sequence(
      'text too long',
      post('/logs/filter', { logs: { text: { query: 'x'.repeat(201) } } }),
      post('/logs/filter', { logs: { text: { query: 5 } } }),
      post('/logs/filter', { logs: { text: {} } }),
    ),
    sequence(
      'sorts, limits and offsets',
      seeded,
      ...['TIMESTAMP_ASC', 'TIMESTAMP_DESC', 'LEVEL_ASC', null].map((sort) =>
        post('/logs/filter', { logs: mine, sort }),
      ),
      ...[0, 2, 200, 201, -1, 'x', null].map((limit) => post('/logs/filter', { logs: mine, limit })),
      ...[0, 2, 99, -1].map((offset) => post('/logs/filter', { logs: mine, offset, limit: 2 })),
      post('/logs/filter', undefined, { statusOnly: true }),
      post('/logs/filter', {}, { statusOnly: true }),
    ),
    sequence(
      'bad logs change nothing',
      ...[
        [log({}), log({ level: 'high' })],
        [log({ message: null })],
        [log({ message: 5 })],
        [log({ name: null })],
        [log({ timestamp: 'now' })],
        [log({ timestamp: null })],
        [log({ flow_run_id: 'x' })],
        [log({ colour: 'red' })],
        [{}],
        [null],
        ['x'],
        [log({ level: 1.5 })],
        {},
        log({}),
        null,
        'x',
      ].map((body) => post('/logs/', body)),
      post('/logs/'),
      send('POST', '/logs/', '[{'),
      post('/logs/filter', { logs: mine }),
    ),
    sequence('bad filters', [
      post('/logs/filter', { logs: { colour: 1 } }),
      post('/logs/filter', { logs: { level: { ge_: 'x' } } }),
      post('/logs/filter', { logs: { level: { any_: [20] } } }),
      post('/logs/filter', { logs: { flow_run_id: { any_: ['x'] } } }),
      post('/logs/filter', { logs: { timestamp: { before_: 'x' } } }),
      post('/logs/filter', { logs: [] }),
      post('/logs/filter', []),
    ]),
    sequence('text that a database may not take', [
      send(
        'POST',
        '/logs/',
        '[{"name":"n","level":20,"message":"a\\u0000b","timestamp":"<now>","flow_run_id":"<uuid:run>"}]',
      ),
      post('/logs/filter', { logs: mine }),
      send(
        'POST',
        '/logs/',
        '[{"name":"n","level":20,"message":"a\\ud800b","timestamp":"<now>","flow_run_id":"<uuid:run>"}]',
      ),
      post('/logs/filter', { logs: mine }),
    ]),
    sequence('a batch of 500', [
      post(
        '/logs/',
        Array.from({ length: 500 }, (_, i) =>
          log({ message: `line ${i}`, timestamp: `2024-05-06T07:08:09.${String(i).padStart(6, '0')}Z` }),
        ),
      ),
      post('/logs/filter', { logs: mine }),
      post('/logs/filter', { logs: mine, offset: 400 }),
    ]),
  ],
};
