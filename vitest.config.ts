import { defineConfig } from 'vitest/config';
import { memoryFolder } from './test/support/memory-folder.ts';

const memory = memoryFolder();
if (memory) process.env['TMPDIR'] ??= memory;

const ownSuites = ['test/house/**', 'test/client/**', 'test/differential/**'];
const templateSetup = ['test/support/template-setup.ts'];
const postgresSetup = [...templateSetup, 'test/support/postgres-setup.ts'];

/** The database layer itself; and what all of the API sends to it, which is in the plans. */
const onOldest = ['test/{db,migrations,parity,plans,schema}/**/*.test.ts'];
/** These meet the statements of others there again: processes of ours, killed or not, chance, and all kinds of damage. */
const notOnOldest = [
  'test/migrations/{adopt-kill,copy-interrupted.postgres,copy-resumed.postgres,fleet,kill,processes,property}.test.ts',
  'test/migrations/{doctor,pooler.postgres,prefect-history}.test.ts',
];

/**
 * Every suite that touches data, against one engine; `test/support/engine.ts` reads the environment set here. What only
 * one engine has is tested in `*.sqlite.test.ts` and `*.postgres.test.ts`.
 */
function dataProject(
  name: string,
  env: { TEST_ENGINE: string; TEST_POSTGRES_VERSION?: string },
  globalSetup: string[],
  { include = ['test/**/*.test.ts'], without = [] as string[] } = {},
) {
  const otherEngine = env.TEST_ENGINE === 'sqlite' ? 'postgres' : 'sqlite';
  return {
    extends: true as const,
    test: {
      name,
      env,
      globalSetup,
      include,
      exclude: ['test/**/*.unit.test.ts', `test/**/*.${otherEngine}.test.ts`, ...ownSuites, ...without],
    },
  };
}

export default defineConfig({
  test: {
    pool: 'forks',
    maxWorkers: 2,
    // Generous: two engines share the cores, and a slow machine proves as much as a quick one.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    teardownTimeout: 20_000,
    expect: { poll: { timeout: 20_000 } },
    projects: [
      { extends: true, test: { name: 'unit', include: ['test/**/*.unit.test.ts'], exclude: ownSuites } },
      dataProject('sqlite', { TEST_ENGINE: 'sqlite' }, templateSetup),
      dataProject('postgres', { TEST_ENGINE: 'postgres' }, postgresSetup),
      dataProject('postgres13', { TEST_ENGINE: 'postgres', TEST_POSTGRES_VERSION: '13' }, postgresSetup, {
        include: onOldest,
        without: notOnOldest,
      }),
      {
        extends: true,
        test: { name: 'house', include: ['test/house/**/*.test.ts'], testTimeout: 120_000 },
      },
      {
        extends: true,
        test: {
          name: 'client',
          // They mostly wait for each other.
          maxWorkers: 3,
          include: ['test/client/**/*.test.ts'],
          globalSetup: postgresSetup,
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'differential',
          include: ['test/differential/**/*.test.ts'],
          globalSetup: postgresSetup,
          testTimeout: 120_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
});
