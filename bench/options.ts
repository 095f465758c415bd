import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

export type EngineName = 'sqlite' | 'postgres';

const SECTIONS = ['requests', 'filters', 'scheduler', 'migrations'] as const;
export type Section = (typeof SECTIONS)[number];

export interface Options {
  engines: EngineName[];
  sections: Section[];
  /** How long one measurement of requests lasts. */
  seconds: number;
  connections: number[];
  /** The Python whose Prefect is measured beside ours. */
  python: string | undefined;
  /** Databases of a million runs that `seed.ts` has made: ours, and ones that Prefect had made. */
  large: { ours: string[]; prefect: string[] };
}

const PYTHON = join(import.meta.dirname, '../.venv/bin/python');

const list = (value: string): string[] => value.split(',').filter((word) => word !== '');

/** @throws Error that says what is wrong with the words */
export function readOptions(args: string[]): Options {
  const { values } = parseArgs({
    args,
    options: {
      engines: { type: 'string', default: 'sqlite,postgres' },
      only: { type: 'string', default: SECTIONS.join(',') },
      seconds: { type: 'string', default: '2' },
      connections: { type: 'string', default: '1,8,64' },
      prefect: { type: 'boolean', default: false },
      python: { type: 'string', default: PYTHON },
      large: { type: 'string', default: '' },
      'large-prefect': { type: 'string', default: '' },
    },
  });
  const sections = list(values.only).map((name) => {
    const section = SECTIONS.find((one) => one === name);
    if (!section) throw new Error(`There is no section ${name}: --only takes ${SECTIONS.join(', ')}.`);
    return section;
  });
  if (values.prefect && !existsSync(values.python))
    throw new Error(`There is no ${values.python}: name a Python that has Prefect with --python.`);
  return {
    engines: (['sqlite', 'postgres'] as const).filter((name) => list(values.engines).includes(name)),
    sections,
    seconds: Number(values.seconds),
    connections: list(values.connections).map(Number),
    python: values.prefect ? values.python : undefined,
    large: { ours: list(values.large), prefect: list(values['large-prefect']) },
  };
}

/** Whether a database of this URL is one of this engine. */
export const isOf = (engine: EngineName, url: string): boolean =>
  url.startsWith('sqlite') === (engine === 'sqlite');
