import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { chainFolder, readChain } from '../../src/migrations/chain/revisions.ts';
import { A, B, type ScratchRevision, writeChain } from '../migrations/scratch-chain.ts';
import { createEmptyTarget, dialect, type EmptyTarget } from '../support/engine.ts';
import { climb } from './stairway.ts';

let place: EmptyTarget;
beforeEach(async () => {
  place = await createEmptyTarget();
});
afterEach(() => place.dispose());

const own = chainFolder(dialect === 'sqlite' ? 'sqlite' : 'pg');
const chain = readChain(own);
const flights = chain.flatMap((revision, at) =>
  revision.label === 'irreversible' ? [] : [{ name: revision.slug, revision, before: chain[at - 1] ?? null }],
);

test.each(flights)('up, down and up with rows in every table: $name', async ({ revision, before }) => {
  expect(await climb({ target: place.target, folder: own, before, revision })).toEqual([]);
});

describe('the check itself sees', () => {
  const flow: ScratchRevision = {
    id: A,
    slug: 'flow',
    up: [
      'create table flow (id integer not null, name varchar(40), note text, constraint pk_flow primary key (id))',
    ],
    down: '-- Down: lossy (flow)\n\ndrop table flow;\n',
  };
  const BREAK = '\n--> statement-breakpoint\n';
  const index = 'create index ix_flow__name on flow (name)';

  /** What is said of a second revision like this. */
  async function said(up: string[], down: string): Promise<string> {
    const folder = writeChain([flow, { id: B, slug: 'second', up, down }]);
    const [before, revision] = readChain(folder) as [(typeof chain)[number], (typeof chain)[number]];
    return (await climb({ target: place.target, folder, before, revision })).join('\n');
  }

  test('nothing wrong with a good one', async () => {
    const added = ['alter table flow add column label varchar(9)', index];
    const back = `drop index ix_flow__name;${BREAK}alter table flow drop column label;\n`;
    expect(await said(added, `-- Down: lossy (flow.label)\n\n${back}`)).toBe('');
  });

  test('a loss that the label keeps quiet about', async () => {
    const back = 'alter table flow drop column label;\n';
    expect(
      await said(['alter table flow add column label varchar(9)'], `-- Down: lossless\n\n${back}`),
    ).toMatch(/^down and up with new rows: flow.label: "0label", then null$/m);
  });

  test('a loss of another column than the label says', async () => {
    const down = `-- Down: lossy (flow.label)\n\nalter table flow drop column label;${BREAK}update flow set note = null;\n`;
    expect(await said(['alter table flow add column label varchar(9)'], down)).toMatch(
      /^down: flow.note: "0note", then null$/m,
    );
  });

  test('nothing wrong with a type that values of the old one have a way to, and back', async () => {
    const retype = (type: string, value: string) =>
      dialect === 'sqlite'
        ? [
            `create table "__new_flow" (id integer not null, name varchar(40), note ${type}, constraint pk_flow primary key (id))`,
            `insert into "__new_flow" (id, name, note) select id, name, ${value} from flow`,
            'drop table "flow"',
            'alter table "__new_flow" rename to "flow"',
          ]
        : [`alter table flow alter column note type ${type} using (${value})`];
    const failure = dialect === 'sqlite' ? 'abs(-9223372036854775807 - 1)' : '1 / (note - note)';
    const up = retype('integer', "case when note is null then null when note = '0note' then 10 else 11 end");
    const back = retype(
      'text',
      `case when note is null then null when note = 10 then '0note' when note = 11 then 'x' else cast(${failure} as text) end`,
    );
    expect(await said(up, `-- Down: lossy (flow.note)\n\n${back.join(BREAK)};\n`)).toBe('');
  });

  test('rows that are gone', async () => {
    const down = '-- Down: lossless\n\ndelete from flow where id = 1;\n';
    expect(await said(["update flow set note = 'x' where 1 = 0"], down)).toMatch(
      /^down: flow: 4 rows, then 3$/m,
    );
  });

  test('an index that is still there, and one that is not there again', async () => {
    expect(await said([index.replace('index', 'index if not exists')], '-- Down: lossless\n')).toBe(
      'down: has flow: index ix_flow__name btree (name)',
    );
  });
});
