import { existsSync, mkdirSync, readdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { RepositoryCopy } from './repository-copy.ts';

const EXAMPLE = `
export default {
  table: 'work_pool',
  columns: ['name'],
  async up(rows: { id: string; name: string }[], db: { update(table: string, rows: object[]): Promise<void> }) {
    await db.update('work_pool', rows.map(({ id, name }) => ({ id, name: name.toUpperCase() })));
  },
  down() {},
};
`;

let copy: RepositoryCopy;
const run = (command: string, env?: Record<string, string>) => {
  const { output, status } = copy.run(command, env);
  if (status !== 0) throw new Error(`${command}: ${output}`);
  return output;
};

beforeAll(() => {
  copy = new RepositoryCopy();
});
afterAll(() => copy.dispose());

describe('the package', () => {
  test('has the revisions and their compiled data steps, and needs no sources to migrate', () => {
    run('npm run generate -- "Shout the names of work pools" --data');
    const [step] = readdirSync(join(copy.folder, 'drizzle/data'));
    writeFileSync(join(copy.folder, 'drizzle/data', step!), EXAMPLE);
    run('npm run build && npm pack --ignore-scripts && mkdir elsewhere && tar -xzf *.tgz -C elsewhere');

    const home = join(copy.folder, 'elsewhere/home');
    const unpacked = join(copy.folder, 'elsewhere/package');
    mkdirSync(home);
    symlinkSync(join(copy.folder, 'node_modules'), join(unpacked, 'node_modules'));
    // Nothing to fall back on.
    renameSync(join(copy.folder, 'src'), join(copy.folder, 'moved'));
    expect(existsSync(join(unpacked, 'src'))).toBe(false);
    for (const room of ['generate', 'repository'])
      expect(existsSync(join(unpacked, 'dist/migrations', room))).toBe(false);
    expect(readdirSync(join(unpacked, 'dist/data'))).toEqual([step!.replace(/ts$/, 'js')]);

    const database = { HOME: home, PREFECT_DATABASE_PATH: join(home, 'prefect.db') };
    const output = run(`node ${unpacked}/dist/main.js database upgrade -y`, database);
    expect(output).toMatch(/applied \w{12} \(0 statements, 0 rows, \d+ ms\)/);
    expect(output).toContain('is up to date');
  }, 300_000);
});
