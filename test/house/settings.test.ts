import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { NOT_YET, notYet } from '../../src/settings/table/not-yet.ts';
import { definitionOf, propertyOf, settingNames } from '../../src/settings/table.ts';

const src = resolve(import.meta.dirname, '../../src');

const code = (readdirSync(src, { recursive: true }) as string[])
  .filter((file) => file.endsWith('.ts') && !file.startsWith('settings/table'))
  .map((file) => readFileSync(join(src, file), 'utf8'))
  .join('\n');
const words = new Set(code.match(/\w+/g));

const lastOf = (name: string): string => name.slice(name.lastIndexOf('.') + 1);
const isShared = (last: string): boolean => settingNames.filter((name) => lastOf(name) === last).length > 1;

/** Whether the code spells it; where several settings end alike (`enabled`), together with what it is of. */
function isRead(name: string): boolean {
  const last = lastOf(name);
  if (!isShared(last)) return words.has(last) || words.has(propertyOf(last));
  const [of, property] = name.split('.').slice(-2).map(propertyOf);
  const takenApart = new RegExp(`\\{[^{}]*\\b${property}\\b[^{}]*\\}\\s*=[\\s\\w.]*\\b${of}\\b`);
  const whole = [`${of}.${property}`, `'${name}'`, `'${name.slice(0, name.lastIndexOf('.'))}'`];
  return whole.some((text) => code.includes(text)) || takenApart.test(code);
}

/** A client reads these, for a server that it starts itself. */
const OF_CLIENTS = 'server.ephemeral.';

test('a setting that nothing reads says why it has no effect', () => {
  const silent = settingNames.filter(
    (name) => !isRead(name) && !definitionOf(name).unused && !notYet(name) && !name.startsWith(OF_CLIENTS),
  );
  expect(silent).toEqual([]);
});

test('what is said to be missing is about settings that there are', () => {
  const idle = Object.keys(NOT_YET).filter((one) => !settingNames.some((name) => name.startsWith(one)));
  expect(idle).toEqual([]);
});
