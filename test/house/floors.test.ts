import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createProgram } from '../../src/cli/program.ts';

const root = resolve(import.meta.dirname, '../..');
const src = join(root, 'src');

/** The floors of the house, from the ground up. A file may import from its own floor and from those below. */
const FLOORS: string[][] = [
  ['json', 'time', 'errors.ts', 'version.ts', 'log.ts', 'settings', 'schema', 'templates'],
  ['db', 'schedules'],
  ['migrations', 'entities'],
  ['orchestration'],
  ['events', 'services'],
  ['api'],
  ['cli', 'main.ts'],
];

const files = (readdirSync(src, { recursive: true }) as string[])
  .map((file) => join(src, file))
  .filter((file) => file.endsWith('.ts') && statSync(file).isFile());

const nameOf = (file: string): string => relative(src, file);
const roomOf = (file: string): string => nameOf(file).split('/')[0]!;
const floorOf = (file: string): number => FLOORS.findIndex((rooms) => rooms.includes(roomOf(file)));
const textOf = (file: string): string => readFileSync(file, 'utf8');

/** Code without its comments, so that a word in prose is not taken for a branch. */
const codeOf = (file: string): string =>
  textOf(file)
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/^\s*\/\/.*$/gm, '');

const importsOf = (file: string): string[] =>
  [...codeOf(file).matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map((match) => match[1]!);

test('the checks below see the whole house', () => {
  expect(files.length).toBeGreaterThan(40);
  expect(importsOf(join(src, 'db/open.ts'))).toContain('./ambient.ts');
});

test('every room stands on a floor', () => {
  expect([...new Set(files.filter((file) => floorOf(file) < 0).map(roomOf))]).toEqual([]);
});

test('imports go down only', () => {
  const upward = files.flatMap((file) =>
    importsOf(file)
      .filter((specifier) => specifier.startsWith('.'))
      .map((specifier) => resolve(dirname(file), specifier))
      .filter((target) => target.startsWith(src) && floorOf(target) > floorOf(file))
      .map((target) => `${nameOf(file)} imports ${nameOf(target)}`),
  );
  expect(upward).toEqual([]);
});

test('on the ground floor rooms do not lean on each other, but for JSON, time and the version', () => {
  const shared = ['json', 'time', 'errors.ts', 'version.ts'];
  const sideways = files
    .filter((file) => floorOf(file) === 0)
    .flatMap((file) =>
      importsOf(file)
        .filter((specifier) => specifier.startsWith('.'))
        .map((specifier) => resolve(dirname(file), specifier))
        .filter((target) => roomOf(target) !== roomOf(file) && !shared.includes(roomOf(target)))
        .map((target) => `${nameOf(file)} imports ${nameOf(target)}`),
    );
  expect(sideways.filter((line) => !line.startsWith('log.ts imports settings/'))).toEqual([]);
});

describe('the engines stay behind the seam', () => {
  const outside = files.filter((file) => !['db', 'migrations', 'schema', 'settings'].includes(roomOf(file)));

  test('no branch on the dialect outside db and migrations', () => {
    const branches = outside.filter((file) =>
      /dialect(\.name)?\s*[!=]==|[!=]==\s*['"](sqlite|postgres)['"]|case ['"](sqlite|postgres)['"]/.test(
        codeOf(file),
      ),
    );
    expect(branches.map(nameOf)).toEqual([]);
  });

  test('no driver outside db and migrations', () => {
    const drivers = outside.filter((file) =>
      importsOf(file).some((name) =>
        /^(pg|better-sqlite3)(\/|$)|^drizzle-orm\/(sqlite|node-postgres|better-sqlite3|pg-proxy)/.test(name),
      ),
    );
    expect(drivers.map(nameOf)).toEqual([]);
  });

  test('the two schemas have the same files; so have the two drivers, beside what only one engine needs', () => {
    const names = (folder: string) => readdirSync(join(src, folder)).sort();
    expect(names('schema/sqlite')).toEqual(names('schema/pg').filter((name) => name !== 'enums.ts'));
    const own = [
      'open-files.ts',
      'readers.ts',
      'reader-thread.ts',
      'statements.ts',
      'writer.ts',
      'statement-names.ts',
      'tls.ts',
    ];
    const shared = (folder: string) => names(folder).filter((name) => !own.includes(name));
    expect(shared('db/sqlite')).toEqual(shared('db/pg'));
  });
});

test('a database command that a message names is there', () => {
  const database = createProgram().commands.find((command) => command.name() === 'database')!;
  const built = database.commands.map((command) => command.name());
  const named = files.flatMap((file) =>
    [...codeOf(file).matchAll(/prefect-server database (\w+)/g)].map((match) => match[1]!),
  );
  expect([...new Set(named)].filter((name) => !built.includes(name))).toEqual([]);
});

test('no file is named after nothing', () => {
  expect(
    files.map(nameOf).filter((name) => /(^|\/)(utils?|helpers?|common|misc|shared)(\.ts|\/)/.test(name)),
  ).toEqual([]);
});
