import type { CanonicalRow } from '../values.ts';
import { goodEscapes, withoutNul } from './characters.ts';
import type { CopyTable } from './tables.ts';

/** Replaces the characters that PostgreSQL can't hold in the rows of a table. */
export function replacingCharacters({ columns, target }: CopyTable): (row: CanonicalRow) => void {
  const texts = columns.filter((column) => target.get(column)!.codec.kind === 'text');
  const documents = columns.filter((column) => target.get(column)!.type === 'jsonb');
  return (row) => {
    for (const column of texts) {
      const value = row[column];
      if (typeof value === 'string') row[column] = withoutNul(value);
    }
    for (const column of documents) {
      const value = row[column];
      if (typeof value === 'string') row[column] = goodEscapes(value);
    }
  };
}
