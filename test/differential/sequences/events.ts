import { type Group, get, post, type Step, send, sequence } from '../sequence.ts';

const event = (id: string, rest: Record<string, unknown> = {}): Record<string, unknown> => ({
  id: `<uuid:${id}>`,
  event: 'diff.<tag>.happened',
  occurred: '<now-60>',
  resource: { 'prefect.resource.id': 'thing.<tag>.1', 'prefect.resource.name': 'Thing <tag>' },
  related: [],
  payload: {},
  ...rest,
});
const thing = (n: number | string, labels = {}) => ({ 'prefect.resource.id': `thing.<tag>.${n}`, ...labels });
const related = (id: string, role: string, labels = {}) => ({
  'prefect.resource.id': id,
  'prefect.resource.role': role,
  ...labels,
});
const mine = { event: { prefix: ['diff.<tag>'] } };
const ask = (filter: unknown, total?: number): Step =>
  post('/events/filter', { filter }, total === undefined ? {} : { until: { at: 'total', is: total } });

/** Five events; the last step waits until all of them can be read. */
const five: Step[] = [
  post('/events', [
    event('a', {
      occurred: '<now-50>',
      resource: thing(1, { kind: 'Alpha', size: 'big' }),
      payload: { n: 1.0, text: 'first 100%' },
    }),
    event('b', {
      occurred: '<now-40>',
      event: 'diff.<tag>.stopped',
      resource: thing(2, { kind: 'beta' }),
      related: [related('owner.<tag>.x', 'owner', { team: 'blue' })],
    }),
    event('c', {
      occurred: '<now-30>',
      event: 'diff.<tag>.happened.again',
      resource: thing(1, { kind: 'Alpha' }),
      follows: '<uuid:a>',
      related: [related('owner.<tag>.y', 'owner', { team: 'red' }), related('thing.<tag>.2', 'sibling')],
    }),
    event('d', {
      occurred: '<now-20>',
      event: 'diff.<tag>.stopped',
      resource: thing(3, { kind: 'gamma ray' }),
    }),
    event('e', {
      occurred: '<now-10>',
      resource: thing(2),
      related: [related('owner.<tag>.x', 'payer', { team: 'blue' })],
    }),
  ]),
  ask({ ...mine, order: 'ASC' }, 5),
];

const filters: Record<string, Record<string, unknown>[]> = {
  order: [{ ...mine }, { ...mine, order: 'ASC' }, { ...mine, order: 'DESC' }],
  time: [
    { ...mine, occurred: { since: '<now-35>' } },
    { ...mine, occurred: { until: '<now-35>' } },
    { ...mine, occurred: { since: '<now-40>', until: '<now-30>' } },
    { ...mine, occurred: { since: '<now+60>', until: '<now+120>' } },
  ],
  name: [
    { event: { name: ['diff.<tag>.stopped'] } },
    { event: { name: [], prefix: ['diff.<tag>'] } },
    { event: { prefix: ['diff.<tag>.happened'] } },
    { event: { prefix: ['diff.<tag>.happened', 'diff.<tag>.st'] } },
    { event: { prefix: ['diff.<tag>'], exclude_prefix: ['diff.<tag>.happened'] } },
    { event: { prefix: ['diff.<tag>'], exclude_name: ['diff.<tag>.stopped'] } },
    { event: { prefix: ['diff.<tag>'], name: ['diff.<tag>.stopped'] } },
    { event: { prefix: ['DIFF.<tag>'] } },
    { event: { prefix: ['diff.<tag>.%'] } },
  ],
  resource: [
    { resource: { id: ['thing.<tag>.1'] } },
    { resource: { id: ['thing.<tag>.1', 'thing.<tag>.3'] } },
    { resource: { id_prefix: ['thing.<tag>'] } },
    { resource: { id_prefix: ['thing.<tag>.2'] } },
    { ...mine, resource: { labels: { kind: 'Alpha' } } },
    { ...mine, resource: { labels: { kind: ['Alpha', 'beta'] } } },
    { ...mine, resource: { labels: { kind: 'Al*' } } },
    { ...mine, resource: { labels: { kind: '!Alpha' } } },
    { ...mine, resource: { labels: { kind: 'Alpha', size: 'big' } } },
    { ...mine, resource: { labels: { kind: 'gamma ray' } } },
    { ...mine, resource: { labels: { nobody: 'x' } } },
    { ...mine, resource: { labels: { 'prefect.resource.id': 'thing.<tag>.2' } } },
    { ...mine, resource: { distinct: true } },
    { ...mine, resource: {} },
  ],
  related: [
    { ...mine, related: { id: ['owner.<tag>.x'] } },
    { ...mine, related: { id: ['owner.<tag>.x'], role: ['payer'] } },
    { ...mine, related: { role: ['owner'] } },
    { ...mine, related: { labels: { team: 'blue' } } },
    { ...mine, related: { id_prefix: ['owner.<tag>'] } },
    { ...mine, related: { resources_in_roles: [['owner.<tag>.x', 'owner']] } },
    {
      ...mine,
      related: {
        resources_in_roles: [
          ['owner.<tag>.x', 'owner'],
          ['owner.<tag>.x', 'payer'],
        ],
      },
    },
    { ...mine, related: [{ id: ['owner.<tag>.y'] }, { id: ['thing.<tag>.2'] }] },
    { ...mine, related: [] },
    { ...mine, related: {} },
  ],
  'any resource': [
    { ...mine, any_resource: { id: ['thing.<tag>.2'] } },
    { ...mine, any_resource: { id_prefix: ['owner.<tag>'] } },
    { ...mine, any_resource: { labels: { team: 'red' } } },
    { ...mine, any_resource: [{ id: ['thing.<tag>.1'] }, { id: ['owner.<tag>.y'] }] },
  ],
  id: [
    { id: { id: ['<uuid:a>', '<uuid:e>'] } },
    { id: { id: [] }, ...mine },
    { id: { id: ['<uuid:nobody>'] } },
  ],
};
const texts = ['stopped', 'first', '100%', 'gamma', '"gamma ray"', 'happened -again', 'nothing', ''];

const bad: Record<string, unknown> = {
  'no list': event('a'),
  'no resource': [{ ...event('a'), resource: undefined }],
  'resource without id': [event('a', { resource: { name: 'x' } })],
  'resource empty': [event('a', { resource: {} })],
  'resource a list': [event('a', { resource: [] })],
  'label a number': [event('a', { resource: thing(1, { n: 5 }) })],
  'related without role': [event('a', { related: [thing(1)] })],
  'no occurred': [{ ...event('a'), occurred: undefined }],
  'occurred no time': [event('a', { occurred: 'x' })],
  'no event': [{ ...event('a'), event: undefined }],
  'event a number': [event('a', { event: 1 })],
  'event too long': [event('a', { event: 'e'.repeat(1025) })],
  'id no uuid': [event('a', { id: 'x' })],
  'no id': [{ ...event('a'), id: undefined }],
  'follows no uuid': [event('a', { follows: 'x' })],
  'payload a list': [event('a', { payload: [] })],
  'too many related': [
    event('a', { related: Array.from({ length: 101 }, (_, i) => related(`r.${i}`, 'r')) }),
  ],
  'too many labels': [
    event('a', {
      resource: thing(1, Object.fromEntries(Array.from({ length: 501 }, (_, i) => [`l${i}`, 'x']))),
    }),
  ],
  'one good, one bad': [event('a'), event('b', { occurred: 'x' })],
  nothing: undefined,
};

export const events: Group = {
  name: 'events',
  sequences: [
    sequence('write and read', [
      post('/events', []),
      post('/events', [
        event('a', {
          payload: { f: 1.0, deep: { l: [1, null, 'x'] } },
          follows: '<uuid:before>',
          related: [related('r.<tag>', 'role', { x: 'y' })],
        }),
      ]),
      ask(mine, 1),
      post('/events', [event('a', { event: 'diff.<tag>.other' })]),
      post('/events', [event('b', { occurred: '<now-50>' })]),
      ask({ ...mine, order: 'ASC' }, 2),
      post('/events/', [event('c')]),
    ]),
    sequence('moments in other spellings', [
      post('/events', [
        event('a', { occurred: '2026-01-02T03:04:05Z' }),
        event('b', { occurred: '2026-01-02T03:04:05.5+02:00' }),
      ]),
      post(
        '/events/filter',
        { filter: { ...mine, occurred: { since: '2026-01-01T00:00:00Z' }, order: 'ASC' } },
        { until: { at: 'total', is: 2 } },
      ),
    ]),
    ...Object.entries(filters).map(([name, all]) =>
      sequence(
        `filter by ${name}`,
        five,
        all.map((filter) => ask(filter)),
      ),
    ),
    ...texts.map((query) =>
      sequence(`text ${JSON.stringify(query)}`, five, ask({ ...mine, text: { query } })),
    ),
    sequence('pages', five, [
      post('/events/filter', { filter: { ...mine, order: 'ASC' }, limit: 2 }, { save: 'one' }),
      get('<one.next_page>', { save: 'two' }),
      get('<two.next_page>'),
      post('/events/filter', { filter: { ...mine }, limit: 5 }),
      ...[0, 50, 51, -1, 'x', null].map((limit) => post('/events/filter', { filter: mine, limit })),
      get('/events/filter/next'),
      get('/events/filter/next?page-token=x'),
      get('/events/filter/next?page-token='),
      get('/events/filter/next?page-token=eyJhIjoxfQ=='),
    ]),
    sequence('what a filter may leave out', [
      post('/events/filter', undefined, { statusOnly: true }),
      post('/events/filter', {}, { statusOnly: true }),
      post('/events/filter', { filter: null }, { statusOnly: true }),
      post('/events/filter', { filter: {} }, { statusOnly: true }),
    ]),
    ...['day', 'time', 'event', 'resource'].map((countable) =>
      sequence(`count by ${countable}`, five, [
        post(`/events/count-by/${countable}`, {
          filter: { ...mine, occurred: { since: '<now-3600>', until: '<now>' } },
        }),
        post(`/events/count-by/${countable}`, {
          filter: { ...mine, occurred: { since: '<now-86400>', until: '<now+86400>' } },
          time_unit: 'hour',
        }),
        post(`/events/count-by/${countable}`, {
          filter: { ...mine, occurred: { since: '<now-60>', until: '<now>' } },
          time_unit: 'minute',
          time_interval: 0.5,
        }),
        post(`/events/count-by/${countable}`, {
          filter: { ...mine, occurred: { since: '<now-60>', until: '<now>' } },
          time_unit: 'second',
          time_interval: 20,
        }),
        post(`/events/count-by/${countable}`, {
          filter: { ...mine, occurred: { since: '<now-864000>', until: '<now>' } },
          time_unit: 'week',
        }),
        post(
          `/events/count-by/${countable}`,
          { filter: { ...mine, event: { name: ['nobody.<tag>'] } } },
          { statusOnly: true },
        ),
      ]),
    ),
    sequence('what a count may not say', [
      post('/events/count-by/month', { filter: mine }),
      post('/events/count-by/time', {}),
      post('/events/count-by/time', { filter: mine, time_unit: 'month' }),
      post('/events/count-by/time', { filter: mine, time_interval: 0 }),
      post('/events/count-by/time', { filter: mine, time_interval: 0.001 }),
      post('/events/count-by/time', {
        filter: { ...mine, occurred: { since: '<now-8640000>', until: '<now>' } },
        time_unit: 'second',
      }),
      post('/events/count-by/time', { filter: { colour: 1 } }),
    ]),
    ...Object.entries(bad).map(([name, body]) =>
      sequence(`bad events: ${name}`, post('/events', body), ask(mine)),
    ),
    sequence(
      'an event with an unknown member is taken without it',
      post('/events', [event('a', { colour: 'red' })]),
      ask(mine, 1),
    ),
    sequence('bad filters', [
      ...[
        { event: { colour: 1 } },
        { colour: {} },
        { order: 'SIDEWAYS' },
        { occurred: { since: 'x' } },
        { id: { id: ['x'] } },
        { resource: { id: 'x' } },
        { resource: { labels: [] } },
        { related: 'x' },
        { text: { query: 'x'.repeat(201) } },
        [],
        'x',
      ].map((filter) => post('/events/filter', { filter })),
      send('POST', '/events/filter', '{'),
      get('/events/filter'),
      get('/events'),
    ]),
  ],
};
