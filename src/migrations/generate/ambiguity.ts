import { MigrationError } from '../errors.ts';
import type { Snapshot } from './dialect.ts';

/**
 * Something gone and something new of the same kind may be a rename, and taking it for a drop and an addition would
 * throw data away: that isn't guessed.
 */
export function refuseAmbiguity(engine: string, before: Snapshot, after: Snapshot): void {
  refuse(engine, 'table', names(before.tables), names(after.tables));
  refuse(engine, 'enumeration', Object.keys(before.enums), Object.keys(after.enums));
  for (const [key, table] of Object.entries(after.tables)) {
    const old = before.tables[key];
    if (old) refuse(engine, `column of ${table.name}`, Object.keys(old.columns), Object.keys(table.columns));
  }
}

const names = (tables: Snapshot['tables']) => Object.values(tables).map((table) => table.name);

function refuse(engine: string, kind: string, before: string[], after: string[]): void {
  const gone = before.filter((name) => !after.includes(name));
  const added = after.filter((name) => !before.includes(name));
  if (gone.length === 0 || added.length === 0) return;
  throw new MigrationError(
    'chain',
    `On ${engine} ${gone.join(', ')} is gone and ${added.join(', ')} is new, each a ${kind}, which may be a rename: ` +
      'make two revisions, one that adds and one that drops, if it is none.',
  );
}
