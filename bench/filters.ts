/** Lists and counts of flow runs as the dashboard asks for them, at ten thousand runs and, where there is such a database, at a million. */
import type { Databases } from './databases.ts';
import { inTurn, measure, ROUNDS } from './load.ts';
import type { Operation, Seed } from './operations.ts';
import { type EngineName, isOf, type Options } from './options.ts';
import { tableHeader, tableRow } from './report.ts';
import { fill } from './seed.ts';
import { type Running, startOurs, startPrefect } from './servers.ts';

const SMALL = 10_000;

const runs = (name: string, body: object, path = 'filter'): Operation => ({
  name,
  method: 'POST',
  path: () => `/flow_runs/${path}`,
  body: () => body,
});
const page = { limit: 50, sort: 'EXPECTED_START_TIME_DESC' };
const failed = { state: { type: { any_: ['FAILED', 'CRASHED'] } } };
const aDay = { expected_start_time: { after_: '2025-01-01T00:00:00Z', before_: '2025-01-02T00:00:00Z' } };

const FILTERS: Operation[] = [
  runs('the youngest 50', page),
  runs('50 that failed', { ...page, flow_runs: failed }),
  runs('50 of a flow', { ...page, flows: { name: { any_: ['ingest-orders-0'] } } }),
  runs('50 of a name like', { ...page, flow_runs: { name: { like_: 'brisk-h' } } }),
  runs('50 with a tag', { ...page, flow_runs: { tags: { all_: ['critical'] } } }),
  runs('50 from the 1,000th', { ...page, offset: 1000 }),
  runs('count of all', {}, 'count'),
  runs('count of failed', { flow_runs: failed }, 'count'),
  runs('count of a day', { flow_runs: aDay }, 'count'),
];

export async function benchFilters(
  engine: EngineName,
  databases: Databases,
  options: Options,
): Promise<void> {
  const { python, large } = options;
  const { home } = databases;
  const url = await databases.make(engine);
  await fill(url, { runs: SMALL });
  const servers = [await startOurs(home, url, ['--no-services'])];
  try {
    if (python) servers.push(await filledPrefect(python, home, await databases.make(engine)));
    await measureFilters('10,000', servers, options);
  } finally {
    for (const server of servers) await server.stop();
  }
  const ours = large.ours.find((one) => isOf(engine, one));
  if (!ours) {
    console.log('\nnothing of a million runs: `bench/seed.ts` makes such a database, --large names it');
    return;
  }
  const theirs = python && large.prefect.find((one) => isOf(engine, one));
  const largeServers = [await startOurs(home, ours, ['--no-services'])];
  try {
    if (theirs) largeServers.push(await startPrefect(python, `${home}/python`, theirs, ['--no-services']));
    await measureFilters('many', largeServers, options);
  } finally {
    for (const server of largeServers) await server.stop();
  }
}

/** Prefect makes the tables; then they are filled as ours are. */
async function filledPrefect(python: string, home: string, url: string): Promise<Running> {
  await (await startPrefect(python, `${home}/python`, url)).stop();
  await fill(url, { runs: SMALL });
  return startPrefect(python, `${home}/python`, url, ['--no-services']);
}

async function measureFilters(size: string, servers: Running[], { seconds }: Options): Promise<void> {
  console.log('');
  tableHeader(
    ['flow runs', 'how many there are'],
    servers.map(({ name }) => name),
  );
  for (const operation of FILTERS) {
    const row = await inTurn(servers, (server) =>
      measure(server, operation, {} as Seed, 1, seconds / ROUNDS),
    );
    tableRow([operation.name, size], row);
  }
}
