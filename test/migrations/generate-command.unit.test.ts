import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readCommandLine } from '../../src/migrations/generate/options.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
let copy: string;

/** A copy of the repository, as a contributor has it: a branch of one's own, off main. */
beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), 'generate-command-'));
  const files = ['src', 'drizzle', 'package.json', 'tsconfig.json', 'biome.json'];
  for (const name of [...files, 'drizzle.sqlite.config.ts', 'drizzle.pg.config.ts']) {
    cpSync(join(root, name), join(copy, name), { recursive: true });
  }
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  writeFileSync(join(copy, '.gitignore'), 'node_modules\n');
  run('git', 'init', '--quiet', '--initial-branch', 'main');
  commit();
  run('git', 'checkout', '--quiet', '-b', 'mine');
});
afterAll(() => rmSync(copy, { recursive: true, force: true }));

function run(command: string, ...args: string[]) {
  const { status, stdout, stderr } = spawnSync(command, args, {
    cwd: copy,
    encoding: 'utf8',
    env: { ...process.env, COLUMNS: '130' },
  });
  return { status, stdout, stderr };
}

function commit(): void {
  run('git', 'add', '--all');
  run('git', '-c', 'user.name=test', '-c', 'user.email=test@test.example', 'commit', '--quiet', '-m', 'work');
}

const generate = (...args: string[]) =>
  run(process.execPath, '--import', 'tsx', 'src/migrations/generate/main.ts', ...args);

function edit(change: (text: string) => string): void {
  for (const dialect of ['sqlite', 'pg']) {
    const file = join(copy, 'src/schema', dialect, 'flow.ts');
    const [before, after] = [readFileSync(file, 'utf8'), change(readFileSync(file, 'utf8'))];
    expect(after).not.toBe(before);
    writeFileSync(file, after);
  }
}

const newest = (chain: string) =>
  readdirSync(join(copy, 'drizzle', chain))
    .sort()
    .at(-1)!;
const columns = '    labels: json<Labels>(),\n';
const index = "    index('ix_flow__created').on(t.created),\n";

it('leads from an edit of both schemas to revisions, to better ones, and to a rename', {
  timeout: 240_000,
}, () => {
  expect(generate('nothing')).toEqual({
    status: 0,
    stdout: 'Nothing has changed in the schemas: no revision is needed.\n',
    stderr: '',
  });
  expect(run('git', 'status', '--short').stdout).toBe('');

  edit((text) =>
    text
      .replace(columns, `${columns}    owner: varchar(),\n`)
      .replace(index, `${index}    index('ix_flow__owner').on(t.owner),\n`),
  );
  const start = performance.now();
  const added = generate('add the owner of a flow');
  // What it takes here is about two seconds.
  expect(performance.now() - start).toBeLessThan(30_000);
  expect(added.status).toBe(0);
  expect(added.stdout).toMatch(/^SQLite \(1 statement\) +\| PostgreSQL \(1 statement\)$/m);
  expect(added.stdout).toMatch(
    /^ {2}ALTER TABLE "flow" ADD COLUMN "owner" VARCHAR; +\| {3}ALTER TABLE .* varchar;$/m,
  );
  expect(added.stdout).toMatch(
    /^SQLite \(1 statement\) +\| PostgreSQL \(1 statement, without a transaction\)$/m,
  );
  expect(newest('sqlite')).toMatch(/_add_the_owner_of_a_flow_online$/);

  edit((text) => text.replace(/ {4}index\('ix_flow__owner'\).*\n/, ''));
  expect(generate('--amend').stdout).toContain('prefect-server database downgrade -r ');
  expect(newest('pg')).toMatch(/_add_the_owner_of_a_flow$/);
  expect(generate('again').stdout).toMatch(/^Nothing has changed/);
  commit();

  edit((text) => text.replace('owner: varchar()', 'keeper: varchar()'));
  const refused = generate('call the owner keeper');
  expect(refused).toEqual({
    status: 1,
    stdout: '',
    stderr:
      'flow.owner is gone and flow.keeper is new: add --rename flow.owner:keeper if it was renamed, or --drop flow.owner ' +
      'if it goes with its data.\n',
  });
  const renamed = generate('--json', '--rename', 'flow.owner:keeper', 'call the owner keeper');
  expect(renamed.status).toBe(0);
  expect(JSON.parse(renamed.stdout)).toMatchObject({
    revisions: [
      {
        slug: 'call_the_owner_keeper',
        sqlite: { up: ['ALTER TABLE "flow" RENAME COLUMN "owner" TO "keeper";'], label: 'lossless' },
        pg: { down: ['ALTER TABLE "flow" RENAME COLUMN "keeper" TO "owner";'], transactional: true },
      },
    ],
    notes: 'drizzle/MIGRATION-NOTES.md',
  });
});

it('makes a data step that compiles, is formatted and does nothing yet', async () => {
  const made = generate('--data', 'tidy the names of flows');
  expect(made.status).toBe(0);
  const [file] = readdirSync(join(copy, 'drizzle/data'));
  expect(made.stdout).toContain(`Write the data step in drizzle/data/${file}.\n`);
  const flags = [
    '--noEmit',
    '--ignoreConfig',
    '--strict',
    '--noUnusedLocals',
    '--noUnusedParameters',
    '--target',
    'es2023',
  ];
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  expect(run(process.execPath, tsc, ...flags, `drizzle/data/${file}`)).toMatchObject({
    status: 0,
    stdout: '',
  });
  const biome = run(join(root, 'node_modules/.bin/biome'), 'check', 'drizzle/data');
  expect(biome.status, biome.stdout + biome.stderr).toBe(0);
  const { default: step } = await import(join(copy, 'drizzle/data', file!));
  expect(step).toMatchObject({ key: 'id', where: '1 = 0' });
});

it('refuses to amend what the main branch has', () => {
  commit();
  run('git', 'branch', '--force', 'main');
  const { status, stderr } = generate('--amend');
  expect(status).toBe(1);
  expect(stderr).toMatch(
    /^drizzle\/sqlite\/.* is on the main branch already, .*: make a new revision, with npm run generate -- "message"\.\n$/,
  );
});

it('ends with 2 on wrong usage', () => {
  expect(generate('--what', 'x')).toMatchObject({
    status: 2,
    stdout: '',
    stderr: expect.stringMatching(/^Unknown option '--what'.* All flags: npm run generate -- --help\n$/),
  });
});

it.each([
  [['--rename', 'flow.name', 'x'], '--rename flow.name is no rename: '],
  [['--drop', 'a.b.c', 'x'], '--drop a.b.c names nothing: '],
  [[], 'Say what the revision is about: '],
  [['--custom', '--amend'], '--custom makes a new revision: '],
  [['--custom', '--drop', 'flow', 'x'], '--custom changes nothing in the schemas: '],
  [['--overwrite', 'x'], '--overwrite goes with --amend only.'],
])('takes no command line like %j', (args, message) => {
  expect(() => readCommandLine(args)).toThrow(message);
});

it('takes the words of a message with quotes or without, and flags before or after', () => {
  expect(
    readCommandLine(['add', 'labels', '--data', '--drop', 'a.b', '--drop', 'c', 'to flow']),
  ).toMatchObject({
    message: 'add labels to flow',
    data: true,
    amend: false,
    drops: ['a.b', 'c'],
  });
  expect(readCommandLine(['--amend'])).not.toHaveProperty('message');
});
