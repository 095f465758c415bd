import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));
const BIN = join(root, 'node_modules/drizzle-kit/bin.cjs');

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

describe.each([
  ['sqlite', 'CREATE TABLE `flow_run` ('],
  ['pg', 'CREATE TABLE "flow_run" ('],
])("drizzle-kit's own commands with the config of %s", (chain, table) => {
  const config = `--config=drizzle.${chain}.config.ts`;

  test('export prints the schema, and leaves nothing behind', () => {
    const { stdout } = spawnSync(process.execPath, [BIN, 'export', config], { cwd: root, encoding: 'utf8' });
    expect(stdout).toContain(table);
    expect(existsSync(join(root, 'drizzle', chain, 'meta'))).toBe(false);
  });

  test('studio comes up', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'studio-'));
    const studio = spawn(process.execPath, [BIN, 'studio', config, `--port=${await freePort()}`], {
      cwd: root,
      env: { ...process.env, PREFECT_DATABASE_PATH: join(folder, 'prefect.db') },
    });
    let output = '';
    try {
      for await (const text of studio.stdout.setEncoding('utf8')) {
        output += text;
        if (output.includes('up and running')) break;
      }
    } finally {
      studio.kill('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    }
    expect(output).toContain('Drizzle Studio is up and running');
  });
});
