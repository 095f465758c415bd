/** `npx tsx test/oracle/serve.ts --port 4300`: keeps one real Prefect server running, to be asked again and again. */
import { parseArgs } from 'node:util';
import { startOracle } from './server.ts';

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '4300' },
    database: { type: 'string', default: 'sqlite' },
    'no-services': { type: 'boolean', default: false },
  },
});

const server = await startOracle({
  database: values.database === 'sqlite' ? 'sqlite' : (values.database as `postgres${string}`),
  port: Number(values.port),
  services: !values['no-services'],
});
console.error(`Prefect server: ${server.url} (process ${server.pid}); Ctrl-C stops it.`);
const end = async () => {
  await server.stop();
  process.exit(0);
};
process.once('SIGINT', end);
process.once('SIGTERM', end);
setInterval(() => {}, 60_000);
