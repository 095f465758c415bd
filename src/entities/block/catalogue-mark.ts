/** Remembers which catalogue of built-in blocks a database has, so that a start needs one read to know. */
import type { Database } from '../../db/database.ts';
import { deleteConfiguration, readConfiguration, writeConfiguration } from '../configuration.ts';

const KEY = 'prefect-server-block-catalogue';

export async function readCatalogueMark(db: Database): Promise<string | undefined> {
  return (await readConfiguration(db, KEY))?.parse() as string | undefined;
}

export async function writeCatalogueMark(db: Database, checksum: string): Promise<void> {
  await writeConfiguration(db, KEY, checksum);
}

/** What was deleted comes back with the next start, as in Prefect. */
export async function forgetCatalogue(db: Database): Promise<void> {
  await deleteConfiguration(db, KEY);
}
