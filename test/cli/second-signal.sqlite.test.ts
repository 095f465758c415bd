import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { createMigratedTarget } from '../support/database.ts';

test('a second signal ends a server that is in a read at once', async () => {
  const { target, dispose } = await createMigratedTarget();
  const file = fileURLToPath(new URL('stuck-read-process.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', file, JSON.stringify(target)]);
  let printed = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    printed += text;
  });
  const ended = once(child, 'exit');
  try {
    await expect.poll(() => printed, { timeout: 30_000 }).toContain('reading');
    child.kill('SIGTERM');
    await expect.poll(() => printed).toContain('finishing what is in flight');
    child.kill('SIGTERM');
    const before = performance.now();
    expect(await ended).toEqual([null, 'SIGTERM']);
    expect(performance.now() - before).toBeLessThan(2000);
  } finally {
    child.kill('SIGKILL');
    await ended;
    await dispose();
  }
});
