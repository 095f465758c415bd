import type { Database } from '../../db/database.ts';
import { HttpError } from '../../errors.ts';
import { JsonText } from '../../json/json.ts';
import type { Settings } from '../../settings/settings.ts';
import { now } from '../../time/timestamp.ts';
import { readConfiguration } from '../configuration.ts';
import {
  decryptFernet,
  encryptFernet,
  type FernetKey,
  NotDecryptable,
  newFernetKey,
  readFernetKey,
} from './fernet.ts';

/** Prefect's own name for the row that holds the key, so that each server reads what the other wrote. */
const CONFIGURATION_KEY = 'ENCRYPTION_KEY';

const keys = new WeakMap<Database, FernetKey>();

/** Takes the key from the settings, where there is one; otherwise the database has it. */
export function takeEncryptionKey(db: Database, { server }: Pick<Settings, 'server'>): void {
  const key = server.encryptionKey && readFernetKey(server.encryptionKey.reveal());
  if (key) keys.set(db, key);
}

/** JSON as it is stored: encrypted, as the text of a token. */
export async function encryptJson(db: Database, json: JsonText): Promise<JsonText> {
  const key = (await knownKey(db)) ?? readKeyOf(await makeKey(db));
  remember(db, key);
  return JsonText.of(encryptFernet(key, json.text));
}

/** @param what  that is encrypted, for who has to find the key */
export async function decryptJson(db: Database, stored: JsonText, what: string): Promise<JsonText> {
  const key = await knownKey(db);
  const text = key && decrypted(key, String(stored.parse()));
  if (key) remember(db, key);
  if (text !== undefined) return withoutNonNumbers(text);
  throw noKey(
    `${what} can't be decrypted: set PREFECT_SERVER_ENCRYPTION_KEY to the key that it was written with.`,
  );
}

function decrypted(key: FernetKey, token: string): string | undefined {
  try {
    return decryptFernet(key, token);
  } catch (error) {
    if (error instanceof NotDecryptable) return undefined;
    throw error;
  }
}

async function knownKey(db: Database): Promise<FernetKey | undefined> {
  const known = keys.get(db);
  if (known) return known;
  const stored = await readKey(db);
  return stored === undefined ? undefined : readKeyOf(stored);
}

/** A key made in a transaction that fails is none. */
function remember(db: Database, key: FernetKey): void {
  if (!keys.has(db)) db.afterCommit(() => keys.set(db, key));
}

function readKeyOf(stored: string): FernetKey {
  const key = readFernetKey(stored);
  if (key) return key;
  throw noKey(
    `The row ${CONFIGURATION_KEY} of the table configuration holds no key: set PREFECT_SERVER_ENCRYPTION_KEY to the one that the blocks were written with.`,
  );
}

const noKey = (message: string): HttpError => new HttpError(500, { exception_message: message });

async function readKey(db: Database): Promise<string | undefined> {
  const value = (await readConfiguration(db, CONFIGURATION_KEY))?.parse() as
    | { fernet_key: string }
    | undefined;
  return value && String(value.fernet_key);
}

/** Whoever comes first makes it: two servers must not write with a key each. */
async function makeKey(db: Database): Promise<string> {
  const { configuration } = db.tables;
  const moment = now();
  const value = JsonText.of({ fernet_key: newFernetKey() });
  await db.orm
    .insert(configuration)
    .values({ key: CONFIGURATION_KEY, value, created: moment, updated: moment })
    .onConflictDoNothing({ target: configuration.key });
  return (await readKey(db))!;
}

const NON_NUMBERS = /"(?:[^"\\]|\\.)*"|-?Infinity|NaN/g;

/** Python writes NaN and Infinity, which aren't JSON; Prefect answers them as null. */
function withoutNonNumbers(text: string): JsonText {
  if (!/NaN|Infinity/.test(text)) return new JsonText(text);
  return new JsonText(text.replace(NON_NUMBERS, (found) => (found.startsWith('"') ? found : 'null')));
}
