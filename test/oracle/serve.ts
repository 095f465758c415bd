/**
 * `npx tsx test/oracle/serve.ts --port 4300`: keeps one real Prefect server running, to be asked again and again;
 * with `--database postgres` on a PostgreSQL of its own.
 */
import { parseArgs } from 'node:util';
import { startPostgres } from '../support/postgres-server.ts';
import { startOracle } from './server.ts';

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '4300' },
    database: { type: 'string', default: 'sqlite' },
    'no-services': { type: 'boolean', default: false },
  },
});

const postgres = values.database === 'postgres' ? await startPostgres('18') : undefined;
const server = await startOracle({
  database: postgres ? (postgres.url as `postgres${string}`) : 'sqlite',
  port: Number(values.port),
  services: !values['no-services'],
});
console.error(`Prefect server: ${server.url} (process ${server.pid}); Ctrl-C stops it.`);
const end = async () => {
  await server.stop();
  await postgres?.stop();
  process.exit(0);
};
process.once('SIGINT', end);
process.once('SIGTERM', end);
setInterval(() => {}, 60_000);
