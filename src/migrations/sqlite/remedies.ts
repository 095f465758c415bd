import type { Catalog, CatalogIndex } from '../catalog/catalog.ts';
import type { Difference } from '../catalog/diff.ts';
import type { Remedy } from '../doctor/judgement.ts';
import { quote } from '../quotes.ts';

/** SQLite alters no more than this in place: the rest of a table can only be made anew. */
export function sqliteRemedy({ kind, table, name, change }: Difference, expected: Catalog): Remedy {
  if (kind === 'index') {
    const should = expected.tables[table!]?.indexes.find((index) => index.name === name);
    if (should) return indexRemedy(should, change === 'changed');
    return dropIf('it is not yours', `DROP INDEX ${quote(name)}`);
  }
  if (change === 'extra') {
    if (kind === 'column') {
      const statement = `ALTER TABLE ${quote(table!)} DROP COLUMN ${quote(name)}`;
      return dropIf('nobody needs what is in it', statement);
    }
    if (kind === 'table') return dropIf('nobody needs it', `DROP TABLE ${quote(name)}`);
    if (kind === 'view' || kind === 'trigger')
      return dropIf('it is not yours', `DROP ${kind.toUpperCase()} ${quote(name)}`);
  }
  if (kind === 'table') return { advice: 'run prefect-server database restore with a backup that has it' };
  return {
    advice:
      `copy the rows into a database that has it right (prefect-server database copy --from this one --to a new file), ` +
      'or run prefect-server database restore with a backup from before the change',
  };
}

const dropIf = (condition: string, statement: string): Remedy => ({
  advice: `if ${condition}, run ${statement}`,
});

/** Both statements are one transaction. */
function indexRemedy({ name, definition }: CatalogIndex, isThere: boolean): Remedy {
  const fix = isThere ? [`DROP INDEX ${quote(name)}`, definition] : [definition];
  return { advice: `run ${fix.join('; ')}`, fix };
}
