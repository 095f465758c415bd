import { describe, expect, it } from 'vitest';
import { startHistory } from './model/history.ts';
import type { Model } from './model/model.ts';
import { refusal } from './refusal.ts';

interface Conversion {
  readonly from: string;
  readonly to: string;
  /** What the values become, alike on both engines. */
  readonly values: readonly (readonly [from: unknown, to: unknown])[];
  /** Each of these stops it. */
  readonly refused?: readonly string[];
}

const conversions: Conversion[] = [
  {
    from: 'text',
    to: 'integer',
    values: [
      ['12', 12],
      [' 7 ', 7],
      ['-3', -3],
      ['+4', 4],
      ['007', 7],
    ],
    refused: ['', 'abc', '1.5', '1e3', '12x', '-', '1 2', '99999999999999999999'],
  },
  { from: 'text', to: 'smallint', values: [['-32768', -32768]], refused: ['32768', 'x'] },
  {
    from: 'text',
    to: 'float',
    values: [
      ['1.5', 1.5],
      [' 1e3 ', 1000],
      ['-.5', -0.5],
      ['12', 12],
    ],
    refused: ['', 'abc', '1.5x', '1,5'],
  },
  {
    from: 'text',
    to: 'boolean',
    values: [
      ['t', true],
      [' YES ', true],
      ['on', true],
      ['1', true],
      ['FALSE', false],
      ['n', false],
      ['0', false],
    ],
    refused: ['', 'maybe', '2', 'o'],
  },
  {
    from: 'text',
    to: 'uuid',
    values: [
      ['A1B2C3D4-0000-4000-8000-00000000000F', 'a1b2c3d4-0000-4000-8000-00000000000f'],
      ['{a1b2c3d4000040008000000000000001}', 'a1b2c3d4-0000-4000-8000-000000000001'],
    ],
    refused: ['a1b2', 'g1b2c3d4-0000-4000-8000-00000000000f'],
  },
  {
    from: 'text',
    to: 'timestamp',
    values: [
      ['2026-11-21 02:24:57.929266+00', '2026-11-21T02:24:57.929266'],
      ['2026-11-21T02:24:57Z', '2026-11-21T02:24:57.000000'],
      ['2026-11-21 02:24:59.999999+02:00', '2026-11-21T00:24:59.999999'],
      ['2026-11-21', '2026-11-21T00:00:00.000000'],
    ],
    refused: ['soon', '2026-13-45'],
  },
  { from: 'text', to: 'json', values: [['{"a": [1]}', { a: [1] }]], refused: ['{a}', ''] },
  {
    from: 'integer',
    to: 'text',
    values: [
      [12, '12'],
      [-3, '-3'],
    ],
  },
  {
    from: 'float',
    to: 'text',
    values: [
      [1, '1'],
      [1.5, '1.5'],
      [-0.25, '-0.25'],
    ],
  },
  {
    from: 'boolean',
    to: 'text',
    values: [
      [true, 'true'],
      [false, 'false'],
    ],
  },
  {
    from: 'float',
    to: 'integer',
    values: [
      [0.5, 0],
      [1.5, 2],
      [2.5, 2],
      [-1.5, -2],
      [2.4, 2],
      [-2.6, -3],
    ],
  },
  {
    from: 'integer',
    to: 'float',
    values: [[3, 3]],
  },
  {
    from: 'integer',
    to: 'boolean',
    values: [
      [0, false],
      [5, true],
    ],
  },
  {
    from: 'boolean',
    to: 'integer',
    values: [
      [true, 1],
      [false, 0],
    ],
  },
  { from: 'integer', to: 'smallint', values: [[7, 7]], refused: ['40000'] },
  { from: 'boolean', to: 'float', values: [[true, 1]] },
  { from: 'timestamp', to: 'text', values: [['2026-11-21 02:24:57.5', '2026-11-21 02:24:57.5+00']] },
  { from: 'mood', to: 'text', values: [['sad', 'sad']] },
  { from: 'text', to: 'mood', values: [['ok', 'ok']] },
];

const model = (type: string): Model => ({
  enums: { mood: ['sad', 'ok'] },
  tables: {
    thing: { columns: { id: { type: 'integer', notNull: true }, value: { type } }, key: ['id'] },
  },
});

const literal = (value: unknown) =>
  typeof value === 'string' ? `'${value.replaceAll("'", "''")}'` : String(value);

/** One form for what the two drivers give. */
function canonical(value: unknown, type: string): unknown {
  if (value === null || value === undefined) return null;
  if (type === 'boolean') return Boolean(value);
  if (type === 'json') return typeof value === 'string' ? JSON.parse(value) : value;
  if (type !== 'timestamp') return value;
  const [, day, time, fraction = ''] = /^(\S{10})[ T]([\d:]{8})(?:\.(\d+))?/.exec(String(value)) ?? [];
  return `${day}T${time}.${fraction.padEnd(6, '0')}`;
}

describe('the values of a column that gets another type', () => {
  it.each(conversions)('$from to $to', async ({ from, to, values, refused = [] }) => {
    const history = await startHistory();
    try {
      await history.generate(model(from));
      await history.up();
      const rows = values.map(([value], id) => `(${id}, ${literal(value)})`);
      await history.run(`insert into thing (id, value) values ${rows.join(', ')}, (99, null)`);
      await history.generate(model(to));
      for (const value of refused) {
        await history.run(`insert into thing (id, value) values (50, ${literal(value)})`);
        const message = await refusal(history.up(), 'failed', 1);
        expect(message).toMatch(/failed at statement \d+ of \d+/);
        expect(await history.rows('select value from thing where id = 50')).toHaveLength(1);
        await history.run('delete from thing where id = 50');
      }
      await history.up();
      const result = await history.rows('select value from thing order by id');
      expect(result.map(({ value }) => canonical(value, to))).toEqual([
        ...values.map(([, value]) => value),
        null,
      ]);
    } finally {
      await history.dispose();
    }
  });
});
