import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { NOT_YET, notYet } from '../../src/settings/table/not-yet.ts';
import { definitionOf, propertyOf, settingNames } from '../../src/settings/table.ts';

const src = resolve(import.meta.dirname, '../../src');

/** Words of all files but the table itself: a setting that is used is spelled somewhere. */
const words = new Set(
  (readdirSync(src, { recursive: true }) as string[])
    .filter((file) => file.endsWith('.ts') && !file.startsWith('settings/table'))
    .flatMap((file) => readFileSync(join(src, file), 'utf8').match(/\w+/g) ?? []),
);

function isRead(name: string): boolean {
  const last = name.slice(name.lastIndexOf('.') + 1);
  return words.has(last) || words.has(propertyOf(last));
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
