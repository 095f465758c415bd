/**
 * Measures the built server against the limit of the machine and, with --prefect, against Prefect's own server, all in
 * the same run, on SQLite and on PostgreSQL: `npm run bench -- --prefect`. What it prints are ratios; the numbers beside them
 * are the machine's. Flags:
 *
 * --engines sqlite,postgres   --only requests,filters,scheduler,migrations   --seconds 2   --connections 1,8,64
 * --prefect                   Prefect's server from .venv, or of --python PATH
 * --large URL[,URL]           databases that `bench/seed.ts --runs 1000000` has made, for the filters
 * --large-prefect URL[,URL]   the same for Prefect's server: it makes the tables first
 */
import { loadavg } from 'node:os';
import { type Databases, openDatabases } from './databases.ts';
import { benchFilters } from './filters.ts';
import { benchMigrations } from './migrations.ts';
import { type EngineName, type Options, readOptions, type Section } from './options.ts';
import { benchPlanning } from './planning.ts';
import { benchRequests } from './requests.ts';

const BENCHES: Record<
  Section,
  (engine: EngineName, databases: Databases, options: Options) => Promise<void>
> = {
  requests: benchRequests,
  filters: benchFilters,
  scheduler: benchPlanning,
  migrations: benchMigrations,
};

const options = readOptions(process.argv.slice(2));
const databases = await openDatabases(options.engines);
try {
  for (const engine of options.engines) {
    for (const section of options.sections) {
      const load = loadavg()[0]!.toFixed(1);
      console.log(`\n## ${engine}: ${section}, beside a load of ${load}\n`);
      await BENCHES[section](engine, databases, options);
    }
  }
} finally {
  await databases.close();
}
