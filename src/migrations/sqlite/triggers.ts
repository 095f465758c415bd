/** SQLite makes triggers and views without looking at what they mention: one that has lost a column fails when it is used. */

import { quote } from '../quotes.ts';
import type { SqliteSession } from './session.ts';

interface TriggerRow {
  readonly name: string;
  readonly owner: string;
  readonly sql: string;
}

const EVENT = /\b(?:(insert)|(delete)|update(?:\s+of\s+(.*?))?)\s+on\b/is;

/** A prepared statement that is only explained isn't compiled anew for another schema: a session may keep none of these. */
let compiled = 0;

/** The triggers of tables, and the views, that can't be used as they are, by name, with the reason. */
export async function brokenObjects(session: SqliteSession): Promise<Map<string, string>> {
  const rows = (await session.all(`
    select t.name, t.tbl_name as owner, t.sql from sqlite_master t
    join sqlite_master o on o.type = 'table' and o.name = t.tbl_name where t.type = 'trigger'`)) as TriggerRow[];
  const broken = new Map<string, string>();
  for (const row of rows) {
    const reason = await whyBroken(session, row);
    if (reason !== null) broken.set(`trigger ${row.name} on ${row.owner}`, reason);
  }
  const views = await session.all("select name from sqlite_master where type = 'view'");
  for (const { name } of views as { name: string }[]) {
    const reason = await failureOf(session, `select * from ${quote(name)}`);
    if (reason !== null) broken.set(`view ${name}`, reason);
  }
  return broken;
}

/** All triggers of an event are compiled with a statement of that kind, which is only explained, never run. */
async function whyBroken(session: SqliteSession, { owner, sql }: TriggerRow): Promise<string | null> {
  const [, insert, remove, list] = EVENT.exec(sql) ?? [];
  const rows = await session.all(`pragma table_xinfo(${quote(owner)})`);
  const columns = rows as { name: string; hidden: number }[];
  const known = new Set(columns.map(({ name }) => name.toLowerCase()));
  const gone = (list?.split(',') ?? []).map(bareName).find((name) => !known.has(name.toLowerCase()));
  if (gone !== undefined) return `no such column: ${gone}`;
  const values = columns
    .filter(({ hidden }) => hidden === 0)
    .map(({ name }) => `${quote(name)} = ${quote(name)}`);
  const update = `update ${quote(owner)} set ${values.join(', ')}`;
  const otherwise = remove ? `delete from ${quote(owner)}` : update;
  return failureOf(session, insert ? `insert into ${quote(owner)} default values` : otherwise);
}

async function failureOf(session: SqliteSession, statement: string): Promise<string | null> {
  try {
    await session.all(`explain /* ${++compiled} */ ${statement}`);
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}

const bareName = (name: string): string => name.trim().replaceAll(/^["`[]|["`\]]$/g, '');

/** Refuses what would break a trigger or a view that could be used before. */
export function refuseBroken(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): void {
  const found = [...after].find(([object]) => !before.has(object));
  if (!found) return;
  const [object, reason] = found;
  const [kind] = object.split(' ', 1);
  throw new Error(
    `it would break the ${object} (${reason}): drop the ${kind} first, and make it anew afterwards`,
  );
}
