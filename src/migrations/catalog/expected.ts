import type { Revision } from '../chain/revisions.ts';
import type { MigrationConnection } from '../connection.ts';
import { MigrationError } from '../errors.ts';
import type { Catalog } from './catalog.ts';

/**
 * The catalog that a chain has built at revision `at` (null for base, where nothing is).
 * @param chain in any order: the parents make it
 */
export async function expectedCatalog(
  connection: MigrationConnection,
  chain: readonly Revision[],
  at: string | null,
): Promise<Catalog> {
  const catalog = await connection.replay(revisionsUpTo(chain, at));
  const extensions = createdExtensions(chain, at);
  return { ...catalog, extensions };
}

/** From the first revision to `at`, in the order of the parents. */
export function revisionsUpTo(chain: readonly Revision[], at: string | null): Revision[] {
  const byId = new Map(chain.map((revision) => [revision.id, revision]));
  const path: Revision[] = [];
  for (let id = at; id !== null; ) {
    const revision = byId.get(id);
    if (!revision || path.length > chain.length)
      throw new MigrationError(
        'chain',
        `The chain has no line of revisions that leads to ${at}: reinstall the package.`,
      );
    path.unshift(revision);
    id = revision.parent;
  }
  return path;
}

const EXTENSION = /create\s+extension\s+(?:if\s+not\s+exists\s+)?"?(\w+)"?/i;

/** A replay makes none, and what else the database has is its owner's. */
function createdExtensions(chain: readonly Revision[], at: string | null): Catalog['extensions'] {
  const names = revisionsUpTo(chain, at)
    .flatMap((revision) => revision.statements)
    .flatMap((statement) => EXTENSION.exec(statement)?.[1] ?? []);
  return [...new Set(names)].map((name) => ({ name }));
}
