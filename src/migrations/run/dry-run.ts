import { resolveRevision } from '../chain/resolve.ts';
import type { ChainName, Revision } from '../chain/revisions.ts';
import { MigrationError } from '../errors.ts';
import { readDown } from './ledger.ts';
import { readChains } from './state.ts';

export interface DryRunOptions {
  chain: ChainName;
  direction: 'up' | 'down';
  /** Where the database would be: base for an upgrade and head for a downgrade, unless it is given. */
  from?: string;
  /** Head for an upgrade; a downgrade must have it. */
  to?: string;
  folder?: string;
}

/** The SQL that leads from one revision to another, without a database: to be read, or to be given to a DBA. */
export function dryRunSql(options: DryRunOptions): string {
  const { chain: name, direction, folder } = options;
  const chains = readChains(name, folder === undefined ? {} : { folder });
  const { chain } = chains;
  const place = (spec: string, ledger: number) => {
    const rows = chain.slice(0, ledger).map(({ id, slug }) => ({ id, name: slug }));
    const id = resolveRevision(spec, { ...chains, ledger: rows });
    return id === null ? 0 : chain.findIndex((revision) => revision.id === id) + 1;
  };
  const from = place(options.from ?? (direction === 'up' ? 'base' : 'head'), 0);
  const to = place(options.to ?? (direction === 'up' ? 'head' : '-1'), from);
  if (direction === 'up' ? to < from : to > from) {
    throw new MigrationError(
      'unknown_revision',
      `There is nothing to print, since ${options.to} lies on the other side of ${options.from ?? 'the start'}: ` +
        `use database ${direction === 'up' ? 'downgrade' : 'upgrade'} --dry-run.`,
    );
  }
  const texts =
    direction === 'up' ? chain.slice(from, to).map(up) : chain.slice(to, from).reverse().map(down);
  return texts.join('\n');
}

function up(revision: Revision): string {
  return script(revision.statements, revision.transactional, `${revision.id} (${revision.slug})`);
}

function down(revision: Revision): string {
  const { statements, transactional, label, detail } = readDown({
    id: revision.id,
    name: revision.slug,
    down_sql: revision.downSql,
  });
  const title = `Back from ${revision.id} (${revision.slug}): ${label}${detail ? ` (${detail})` : ''}`;
  return script(statements, transactional, title);
}

function script(statements: readonly string[], transactional: boolean, title: string): string {
  const body = statements.map((statement) => `${statement.replace(/;\s*$/, '')};\n`);
  const lines = transactional ? ['BEGIN;\n', ...body, 'COMMIT;\n'] : body;
  return `-- ${title}\n\n${lines.join('\n')}`;
}
