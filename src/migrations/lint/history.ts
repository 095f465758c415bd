import type { Revision } from '../chain/revisions.ts';
import { Reader } from '../facts/reader.ts';
import { splitStatements } from '../facts/tokens.ts';

/** What the files of a chain have said so far that no snapshot holds: how tables were written, and their triggers. */
export interface History {
  /** The text of a table's newest CREATE TABLE. */
  readonly tables: ReadonlyMap<string, string>;
  /** Names of triggers, with their tables. */
  readonly triggers: ReadonlyMap<string, string>;
  add(revision: Pick<Revision, 'statements'>): void;
}

export function readHistory(): History {
  const tables = new Map<string, string>();
  const triggers = new Map<string, string>();
  return {
    tables,
    triggers,
    add({ statements }) {
      for (const statement of statements.flatMap(splitStatements)) note(statement, tables, triggers);
    },
  };
}

function note(statement: string, tables: Map<string, string>, triggers: Map<string, string>): void {
  const reader = new Reader(statement);
  if (reader.take('create table')) {
    reader.take('if not exists');
    tables.set(reader.name(), statement);
  } else if (reader.take('alter table')) {
    const table = reader.name();
    const text = tables.get(table);
    if (!reader.take('rename to') || !text) return;
    tables.delete(table);
    tables.set(reader.name(), text);
  } else if (reader.take('create trigger')) {
    reader.take('if not exists');
    const trigger = reader.name();
    if (reader.find('on')) triggers.set(trigger, reader.name());
  } else if (reader.take('drop trigger')) {
    reader.take('if exists');
    triggers.delete(reader.name());
  }
}
