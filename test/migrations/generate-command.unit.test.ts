import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readCommandLine } from '../../src/migrations/generate/options.ts';
import { RepositoryCopy } from './repository-copy.ts';

const root = join(import.meta.dirname, '../..');
let copy: RepositoryCopy;

/** As a contributor has it: a branch of one's own, off main. */
beforeAll(() => {
  copy = new RepositoryCopy();
  writeFileSync(join(copy.folder, '.gitignore'), 'node_modules\n');
  run('git', 'init', '--quiet', '--initial-branch', 'main');
  commit();
  run('git', 'checkout', '--quiet', '-b', 'mine');
});
afterAll(() => copy.dispose());

function run(command: string, ...args: string[]) {
  const { status, stdout, stderr } = spawnSync(command, args, {
    cwd: copy.folder,
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

it('writes nothing when nothing has changed', () => {
  expect(generate('nothing')).toEqual({
    status: 0,
    stdout: 'Nothing has changed in the schemas: no revision is needed.\n',
    stderr: '',
  });
  expect(run('git', 'status', '--short').stdout).toBe('');
});

// What it prints for people is in CONTRIBUTING.md, whose commands are a test of their own.
it('tells a program what it made of an edit of both schemas', () => {
  for (const dialect of ['sqlite', 'pg']) {
    const file = join(copy.folder, 'src/schema', dialect, 'flow.ts');
    const text = readFileSync(file, 'utf8');
    expect(text).toContain(COLUMNS);
    writeFileSync(file, text.replace(COLUMNS, `${COLUMNS}    owner: varchar(),\n`));
  }
  const { status, stdout } = generate('--json', 'add the owner of a flow');
  expect(status).toBe(0);
  const up = [expect.stringMatching(/^ALTER TABLE "flow" ADD COLUMN "owner" varchar;$/i)];
  const slug = 'add_the_owner_of_a_flow';
  expect(JSON.parse(stdout)).toMatchObject({
    revisions: [{ slug, sqlite: { up, transactional: true }, pg: { up, label: 'lossy (flow.owner)' } }],
    notes: 'drizzle/MIGRATION-NOTES.md',
  });
});

const COLUMNS = '    labels: json<Labels>(),\n';

it('makes a data step that compiles, is formatted and does nothing yet', async () => {
  const made = generate('--data', 'tidy the names of flows');
  expect(made.status).toBe(0);
  const [file] = readdirSync(join(copy.folder, 'drizzle/data'));
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
  const { default: step } = await import(join(copy.folder, 'drizzle/data', file!));
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
