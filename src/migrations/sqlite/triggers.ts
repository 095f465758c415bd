/** SQLite makes a trigger without looking at what it mentions: one that has lost a column fails when it fires. */

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

/** The triggers of tables that can't fire as they are, by name, with the reason. */
export async function brokenTriggers(session: SqliteSession): Promise<Map<string, string>> {
  const rows = (await session.all(`
    select t.name, t.tbl_name as owner, t.sql from sqlite_master t
    join sqlite_master o on o.type = 'table' and o.name = t.tbl_name where t.type = 'trigger'`)) as TriggerRow[];
  const broken = new Map<string, string>();
  for (const row of rows) {
    const reason = await whyBroken(session, row);
    if (reason !== null) broken.set(`${row.name} on ${row.owner}`, reason);
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
  try {
    await session.all(
      `explain /* ${++compiled} */ ${insert ? `insert into ${quote(owner)} default values` : otherwise}`,
    );
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}

const bareName = (name: string): string => name.trim().replaceAll(/^["`[]|["`\]]$/g, '');

/** Refuses what would break a trigger that could fire before. */
export function refuseBroken(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): void {
  const found = [...after].find(([trigger]) => !before.has(trigger));
  if (!found) return;
  const [trigger, reason] = found;
  throw new Error(
    `it would break the trigger ${trigger} (${reason}): drop the trigger first, and make it anew afterwards`,
  );
}
