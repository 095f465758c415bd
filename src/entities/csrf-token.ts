import { randomBytes } from 'node:crypto';
import { and, eq, gt, lt } from 'drizzle-orm';
import type { Database, Tables } from '../db/database.ts';
import { placeholders } from '../db/placeholders.ts';
import { prepared } from '../db/prepared.ts';
import { addSeconds, now } from '../time/timestamp.ts';

export type CsrfToken = Tables['csrf_token']['$inferSelect'];

/** A new token for a client in place of its last one; tokens that have expired go. */
export function renewCsrfToken(db: Database, client: string, lifetimeSeconds: number): Promise<CsrfToken> {
  const { csrf_token } = db.tables;
  const moment = now();
  const set = {
    token: randomBytes(32).toString('hex'),
    expiration: addSeconds(moment, lifetimeSeconds),
    updated: moment,
  };
  return db.transaction(async () => {
    const [token] = await db.orm
      .insert(csrf_token)
      .values({ client, created: moment, ...set })
      .onConflictDoUpdate({ target: csrf_token.client, set })
      .returning();
    await db.orm.delete(csrf_token).where(lt(csrf_token.expiration, moment));
    return token!;
  });
}

const byClient = prepared(({ orm, tables: { csrf_token } }) => {
  const { client, expiration } = placeholders(csrf_token, ['client', 'expiration']);
  return orm
    .select({ token: csrf_token.token })
    .from(csrf_token)
    .where(and(eq(csrf_token.client, client), gt(csrf_token.expiration, expiration)))
    .prepare('csrf_token_by_client');
});

/** The token that a client must send with its changes; undefined when it has none that is still good. */
export async function readCsrfToken(db: Database, client: string): Promise<string | undefined> {
  const [row] = await byClient(db).execute({ client, expiration: now() });
  return row?.token;
}
