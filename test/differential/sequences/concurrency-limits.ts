/** Concurrency limits as the two APIs show them, and the slots that are taken of them by hand. */
import { del, each, type Group, get, patch, post, type Step, sequence } from '../sequence.ts';

const V1 = '/concurrency_limits';
const V2 = '/v2/concurrency_limits';

const aLimit = (name: string, more: object = {}, save = name): Step =>
  post(`${V2}/`, { name: `${name}-<tag>`, limit: 2, ...more }, { save });
const limit = (name: string): Step => get(`${V2}/${name}-<tag>`);
const take = (names: string[], more: object = {}, save?: string): Step =>
  post(
    `${V2}/increment-with-lease`,
    { names: names.map((name) => `${name}-<tag>`), slots: 1, ...more },
    { save, unordered: true },
  );
const give = (lease: string): Step => post(`${V2}/decrement-with-lease`, { lease_id: `<${lease}.lease_id>` });
const increment = (names: string[], more: object = {}): Step =>
  post(
    `${V2}/increment`,
    { names: names.map((name) => `${name}-<tag>`), slots: 1, ...more },
    { unordered: true },
  );
const decrement = (names: string[], more: object = {}): Step =>
  post(
    `${V2}/decrement`,
    { names: names.map((name) => `${name}-<tag>`), slots: 1, ...more },
    { unordered: true },
  );
const eventsOf = (id: string, count: number): Step =>
  post(
    '/events/filter',
    { filter: { resource: { id: [`prefect.concurrency-limit.${id}`] } }, limit: 10 },
    { until: { at: 'total', is: count } },
  );

const byTag = get(`${V1}/tag/t-<tag>`);
const v1 = (verb: string, names: string[], task: string): Step =>
  post(
    `${V1}/${verb}`,
    { names: names.map((name) => `${name}-<tag>`), task_run_id: `<uuid:${task}>` },
    { unordered: true },
  );

const secondApi = [
  sequence('made, changed and deleted', [
    aLimit('a'),
    post(`${V2}/`, { name: 'a-<tag>', limit: 2 }),
    limit('a'),
    get(`${V2}/<a.id>`),
    patch(`${V2}/<a.id>`, { limit: 5, active: false, slot_decay_per_second: 0.5 }),
    limit('a'),
    patch(`${V2}/a-<tag>`, { name: 'b-<tag>', active_slots: 3, denied_slots: 4 }),
    limit('a'),
    limit('b'),
    patch(`${V2}/a-<tag>`, { limit: 1 }),
    patch(`${V2}/b-<tag>`, {}),
    patch(`${V2}/b-<tag>`, { limit: null }),
    patch(`${V2}/b-<tag>`, { limit: -1 }),
    patch(`${V2}/b-<tag>`, { name: 'a/b' }),
    patch(`${V2}/b-<tag>`, { other: 1 }),
    aLimit('c'),
    patch(`${V2}/c-<tag>`, { name: 'b-<tag>' }),
    del(`${V2}/c-<tag>`),
    del(`${V2}/c-<tag>`),
    eventsOf('<c.id>', 2),
    get(`${V2}/<c.id>`),
    get(`${V2}/<uuid:none>`),
    patch(`${V2}/<uuid:none>`, { limit: 1 }),
    del(`${V2}/<uuid:none>`),
    del(`${V2}/<a.id>`),
  ]),
  ...each(
    'a body that makes no limit',
    {
      empty: {},
      'without a limit': { name: 'x-<tag>' },
      'a negative limit': { name: 'x-<tag>', limit: -1 },
      'a name with a slash': { name: 'x/<tag>', limit: 1 },
      'an empty name': { name: '', limit: 1 },
      'too much': { name: 'x-<tag>', limit: 1, avg_slot_occupancy_seconds: 1 },
      'negative slots': { name: 'x-<tag>', limit: 1, active_slots: -1 },
      'negative decay': { name: 'x-<tag>', limit: 1, slot_decay_per_second: -0.5 },
      'half a slot': { name: 'x-<tag>', limit: 1.5 },
      'no boolean': { name: 'x-<tag>', limit: 1, active: 'maybe' },
    },
    (body) => [post(`${V2}/`, body)],
  ),
  ...each(
    'pages of limits',
    {
      'limit 0': { limit: 0 },
      'a negative offset': { offset: -1 },
      'no numbers': { limit: 'x' },
      'too many': { limit: 201 },
    },
    (body) => [
      post(`${V2}/filter`, body, { statusOnly: true }),
      post(`${V1}/filter`, body, { statusOnly: true }),
    ],
  ),
];

const slots = [
  sequence('slots taken and given back', [
    aLimit('a'),
    take(['a'], {}, 'one'),
    take(['a'], { holder: { type: 'flow_run', id: '<uuid:run>' } }, 'two'),
    limit('a'),
    take(['a']),
    increment(['a']),
    give('one'),
    limit('a'),
    give('one'),
    limit('a'),
    take(['a'], { slots: 3 }),
    give('two'),
    limit('a'),
    decrement(['a'], { slots: 5 }),
    limit('a'),
  ]),
  sequence('several limits at once', [
    aLimit('a', { limit: 3 }),
    aLimit('b', { limit: 1 }),
    aLimit('off', { limit: 1, active: false }),
    take(['a', 'b', 'off', 'unknown'], {}, 'lease'),
    limit('a'),
    limit('b'),
    limit('off'),
    take(['a', 'b']),
    limit('a'),
    increment(['a', 'off']),
    limit('a'),
    decrement(['a', 'b', 'off', 'unknown']),
    limit('b'),
    give('lease'),
    limit('a'),
    limit('off'),
  ]),
  sequence('a limit that is switched off', [
    aLimit('a', { active: false }),
    take(['a'], { slots: 9 }, 'lease'),
    limit('a'),
    post(`${V2}/leases/<lease.lease_id>/renew`, { lease_duration: 60 }),
    increment(['a']),
    decrement(['a']),
    give('lease'),
    post(`${V2}/leases/<lease.lease_id>/renew`, { lease_duration: 60 }),
  ]),
  sequence('rate limits', [
    aLimit('rate', { limit: 5, slot_decay_per_second: 0.0001 }),
    aLimit('plain'),
    increment(['rate'], { mode: 'rate_limit', slots: 4 }),
    increment(['rate'], { mode: 'rate_limit', slots: 4 }),
    limit('rate'),
    increment(['plain', 'rate'], { mode: 'rate_limit' }),
    increment(['plain'], { mode: 'rate_limit' }),
    take(['rate'], { mode: 'rate_limit' }, 'lease'),
    give('lease'),
    limit('rate'),
  ]),
  sequence('a limit of nothing', [
    aLimit('a', { limit: 0 }),
    increment(['a']),
    take(['a']),
    decrement(['a']),
    limit('a'),
  ]),
  sequence('a limit that is deleted while it is held', [
    aLimit('a'),
    take(['a'], {}, 'lease'),
    del(`${V2}/a-<tag>`),
    post(`${V2}/leases/<lease.lease_id>/renew`, { lease_duration: 60 }),
    give('lease'),
    post(`${V2}/leases/<lease.lease_id>/renew`, { lease_duration: 60 }),
  ]),
  sequence('how long slots are held', [
    aLimit('a'),
    increment(['a'], { slots: 2 }),
    decrement(['a'], { slots: 2, occupancy_seconds: 30 }),
    limit('a'),
    decrement(['a'], { occupancy_seconds: null }),
    decrement(['a'], { occupancy_seconds: -1 }),
  ]),
];

const firstApi = [
  sequence('the limit of a tag', [
    post(`${V1}/`, { tag: 't-<tag>', concurrency_limit: 3 }, { save: 'made' }),
    post(`${V1}/`, { tag: 't-<tag>', concurrency_limit: 1 }),
    byTag,
    get(`${V1}/<made.id>`),
    get(`${V2}/tag:t-<tag>`),
    eventsOf('<made.id>', 2),
    del(`${V1}/<made.id>`),
    del(`${V1}/<made.id>`),
    byTag,
    post(`${V1}/`, { tag: 't-<tag>', concurrency_limit: 0 }),
    del(`${V1}/tag/t-<tag>`),
    del(`${V1}/tag/t-<tag>`),
    post(`${V1}/tag/t-<tag>/reset`, {}),
    get(`${V1}/<uuid:none>`),
    get(`${V1}/none`),
    del(`${V1}/<uuid:none>`),
  ]),
  ...each(
    'a body that makes no limit of a tag',
    {
      empty: {},
      'without a number': { tag: 'x-<tag>' },
      'half a slot': { tag: 'x-<tag>', concurrency_limit: 1.5 },
      'too much': { tag: 'x-<tag>', concurrency_limit: 1, active: true },
      'no tag': { tag: null, concurrency_limit: 1 },
    },
    (body) => [post(`${V1}/`, body)],
  ),
  ...each(
    'an unusual limit of a tag',
    {
      negative: { tag: 'x-<tag>', concurrency_limit: -1 },
      'a tag with a slash': { tag: 'x/<tag>', concurrency_limit: 1 },
      'an empty tag': { tag: '', concurrency_limit: 1 },
    },
    (body) => [post(`${V1}/`, body)],
  ),
  sequence('slots of tags', [
    post(`${V1}/`, { tag: 't-<tag>', concurrency_limit: 1 }),
    post(`${V1}/`, { tag: 'u-<tag>', concurrency_limit: 2 }),
    v1('increment', ['t', 'u', 'none'], 'a'),
    byTag,
    v1('increment', ['t', 'u'], 'b'),
    v1('increment', ['u'], 'b'),
    get(`${V1}/tag/u-<tag>`, { unordered: true }),
    v1('decrement', ['t'], 'c'),
    v1('decrement', ['t', 'none'], 'a'),
    byTag,
    get(`${V2}/tag:u-<tag>`),
    v1('decrement', ['none'], 'a'),
    v1('increment', [], 'a'),
    post(`${V1}/increment`, { names: ['x'] }),
    post(`${V1}/decrement`, { task_run_id: 'x', names: ['x'] }),
    post(`${V1}/`, { tag: 't-<tag>', concurrency_limit: 0 }),
    v1('increment', ['t'], 'a'),
  ]),
  sequence('slots set by hand', [
    post(`${V1}/`, { tag: 't-<tag>', concurrency_limit: 3 }),
    v1('increment', ['t'], 'a'),
    post(`${V1}/tag/t-<tag>/reset`, { slot_override: ['<uuid:b>', '<uuid:c>'] }),
    get(`${V1}/tag/t-<tag>`, { unordered: true }),
    get(`${V2}/tag:t-<tag>`),
    post(`${V1}/tag/t-<tag>/reset`, { slot_override: null }),
    byTag,
    post(`${V1}/tag/t-<tag>/reset`, { slot_override: ['x'] }),
  ]),
];

export const concurrencyLimits: Group = {
  name: 'concurrency_limits',
  sequences: [...secondApi, ...slots, ...firstApi],
};
