import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { parse } from 'smol-toml';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { changeProfiles, type ProfileChange, readProfiles } from '../../src/settings/profiles-file.ts';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'profiles-'));
  file = join(folder, 'home', 'profiles.toml');
});
afterEach(() => rmSync(folder, { recursive: true }));

const text = (): string => readFileSync(file, 'utf8');
function write(content: string): void {
  mkdirSync(join(folder, 'home'), { recursive: true });
  writeFileSync(file, content);
}

const COMMENTED = `# mine
active = 'a.b' # now

[profiles."a.b"] # dotted
# the address
PREFECT_API_URL = 'http://x' # here

# the last one
[profiles.z]
PREFECT_SERVER_API_PORT = 4300
`;

test('a file that is not there is made, for its owner alone', () => {
  changeProfiles(file, [
    { kind: 'activate', name: 'mine' },
    { kind: 'add', name: 'mine', variables: { PREFECT_API_URL: 'http://x' } },
  ]);
  expect(text()).toBe('active = "mine"\n\n[profiles.mine]\nPREFECT_API_URL = "http://x"\n');
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

describe('a change touches its own lines alone', () => {
  test.each<[ProfileChange, string, string]>([
    [{ kind: 'activate', name: 'z' }, "active = 'a.b' # now", 'active = "z" # now'],
    [
      { kind: 'set', name: 'a.b', variable: 'PREFECT_API_URL', value: 'a"b\\c #d' },
      "PREFECT_API_URL = 'http://x' # here",
      'PREFECT_API_URL = "a\\"b\\\\c #d" # here',
    ],
    [
      { kind: 'set', name: 'a.b', variable: 'PREFECT_SERVER_API_PORT', value: '1' },
      '# here\n',
      '# here\nPREFECT_SERVER_API_PORT = "1"\n',
    ],
    [
      { kind: 'unset', name: 'z', variable: 'PREFECT_SERVER_API_PORT' },
      'PREFECT_SERVER_API_PORT = 4300\n',
      '',
    ],
    [{ kind: 'rename', name: 'a.b', to: 'c d' }, '[profiles."a.b"]', '[profiles."c d"]'],
    [{ kind: 'add', name: 'new', variables: {} }, '= 4300\n', '= 4300\n\n[profiles.new]\n'],
    [{ kind: 'remove', name: 'z' }, '[profiles.z]\nPREFECT_SERVER_API_PORT = 4300\n', ''],
  ])('%j', (change, before, after) => {
    write(COMMENTED);
    changeProfiles(file, [change]);
    expect(text()).toBe(`${COMMENTED.replace(before, () => after).trimEnd()}\n`);
  });
});

test('what the lines do not show is written anew rather than wrongly', () => {
  write('profiles = { a = { PREFECT_API_URL = "x" } }\nactive = """a"""\n');
  changeProfiles(file, [{ kind: 'set', name: 'a', variable: 'PREFECT_API_URL', value: 'y' }]);
  expect(readProfiles(file)).toEqual({ active: 'a', profiles: { a: { PREFECT_API_URL: 'y' } } });
});

test('a link stays a link, and a mode the mode that it was', () => {
  write(COMMENTED);
  const link = join(folder, 'link.toml');
  symlinkSync(file, link);
  changeProfiles(link, [{ kind: 'activate', name: 'z' }]);
  expect(lstatSync(link).isSymbolicLink()).toBe(true);
  expect(readProfiles(file).active).toBe('z');
  expect(statSync(file).mode & 0o777).toBe(0o644);
});

test('whatever the names and values are, the file says what was asked for', () => {
  const name = fc.oneof(fc.string({ minLength: 1 }), fc.constantFrom('a.c', '"', "it's", '# no', 'ä b', ']'));
  const value = fc.string({ unit: 'grapheme' });
  fc.assert(
    fc.property(name, fc.array(value, { minLength: 1, maxLength: 3 }), (profile, values) => {
      rmSync(join(folder, 'home'), { recursive: true, force: true });
      write(COMMENTED);
      const add: ProfileChange = { kind: 'add', name: profile, variables: { A: '1' } };
      changeProfiles(file, [add, { kind: 'activate', name: profile }]);
      for (const one of values)
        changeProfiles(file, [{ kind: 'set', name: profile, variable: 'A', value: one }]);
      const read = parse(text()) as { active: string; profiles: Record<string, unknown> };
      expect(read.active).toBe(profile);
      expect(read.profiles[profile]).toEqual({ A: values.at(-1) });
      expect(text()).toContain('# the address');
    }),
  );
});
