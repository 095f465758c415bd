/** The requests of clients, workers and the dashboard, on a small database. */
import type { Databases } from './databases.ts';
import { driverUrl } from './databases.ts';
import { inTurn, measure, measureEvents, ROUNDS } from './load.ts';
import { OPERATIONS, type Seed } from './operations.ts';
import type { EngineName, Options } from './options.ts';
import { milliseconds, tableHeader, tableRow } from './report.ts';
import { seedRequests } from './seed/requests.ts';
import { memoryOf, type Running, startLimit, startOurs, startPrefect } from './servers.ts';
import { countStatements } from './statements.ts';

const SEEDED = 500;
const EVENTS = 5_000;

interface Seeded {
  server: Running;
  seed: Seed;
}

export async function benchRequests(
  engine: EngineName,
  databases: Databases,
  options: Options,
): Promise<void> {
  const { home } = databases;
  const url = await databases.make(engine);
  const empty = await startOurs(home, url);
  await empty.stop();
  const ours = await startOurs(home, url);
  const idle = memoryOf(ours.pid);
  const seeded: Seeded[] = [];
  try {
    seeded.push({ server: ours, seed: await seedRequests(ours, url, SEEDED) });
    seeded.push(await seededLimit(engine, databases));
    if (options.python) seeded.push(await seededPrefect(options.python, engine, databases));
    console.log(
      `start on an empty database ${milliseconds(empty.startMs)}, on an existing one ${milliseconds(ours.startMs)}, idle memory ${idle.toFixed(0)} MB\n`,
    );
    const counts = JSON.stringify(await countStatements(url));
    console.log(`statements an operation (BEGIN and COMMIT aside): ${counts}\n`);
    await measureAll(seeded, options);
    console.log(`\nmemory after the load: ${memoryOf(ours.pid).toFixed(0)} MB`);
  } finally {
    for (const { server } of seeded) await server.stop();
  }
}

/** On a database that ours has migrated and filled. */
async function seededLimit(engine: EngineName, databases: Databases): Promise<Seeded> {
  const url = await databases.make(engine);
  const migrated = await startOurs(databases.home, url);
  const seed = await seedRequests(migrated, url, SEEDED).finally(() => migrated.stop());
  return { server: await startLimit(driverUrl(url)), seed };
}

async function seededPrefect(python: string, engine: EngineName, databases: Databases): Promise<Seeded> {
  const url = await databases.make(engine);
  const server = await startPrefect(python, `${databases.home}/python`, url);
  return { server, seed: await seedRequests(server, url, SEEDED) };
}

async function measureAll(seeded: Seeded[], { connections, seconds }: Options): Promise<void> {
  const servers = seeded.map(({ server }) => server);
  tableHeader(
    ['operation', 'connections'],
    servers.map(({ name }) => name),
  );
  for (const count of connections) {
    for (const operation of OPERATIONS) {
      const row = await inTurn(seeded, ({ server, seed }) =>
        server.name === 'limit' && !operation.limited
          ? null
          : measure(server, operation, seed, count, seconds / ROUNDS),
      );
      tableRow([operation.name, count], row);
    }
    const row = await inTurn(seeded, ({ server }) =>
      // Prefect's pong comes before what was sent is recorded: it tells nothing.
      server.name === 'Prefect' ? null : measureEvents(server, count, EVENTS / ROUNDS),
    );
    tableRow(['events', count], row);
  }
}
