import pg from 'pg';
import type { TestProject } from 'vitest/node';
import { POSTGRES_VERSIONS, type PostgresVersion } from './postgres-binaries.ts';
import { startPostgres } from './postgres-server.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** A superuser's URL of the database `postgres` on the server that this run has started. */
    postgresUrl: string;
  }
}

/** One PostgreSQL for a whole run. A server that doesn't start fails the run: nothing is skipped. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const given = process.env['TEST_POSTGRES_URL'];
  if (given) {
    project.provide('postgresUrl', given);
    return () => dropTemplate(given);
  }
  const version =
    project.config.env?.['TEST_POSTGRES_VERSION'] ?? process.env['TEST_POSTGRES_VERSION'] ?? '18';
  if (!isVersion(version)) {
    throw new Error(`TEST_POSTGRES_VERSION is ${version}: use one of ${POSTGRES_VERSIONS.join(', ')}.`);
  }
  const server = await startPostgres(version);
  project.provide('postgresUrl', server.url);
  return () => server.stop();
}

/** On a server that outlives the run the template of this run must not become the next one's. */
async function dropTemplate(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query('drop database if exists prefect_server_template');
  await client.end();
}

function isVersion(text: string): text is PostgresVersion {
  return (POSTGRES_VERSIONS as readonly string[]).includes(text);
}
