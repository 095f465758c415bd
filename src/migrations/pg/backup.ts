import type { PostgresTarget } from '../../settings/settings.ts';
import { shellWord as word } from '../shell-word.ts';

/** Never with a password: the tools ask for it, or take PGPASSWORD or ~/.pgpass. */
function address({ host, port, user }: PostgresTarget): string {
  return `--host=${word(host)} --port=${port} --username=${word(user)}`;
}

export function pgDumpLine(target: PostgresTarget, file = `${target.database}.dump`): string {
  const schema = target.searchPath?.split(',')[0]?.trim();
  const only = schema && schema !== 'public' ? ` --schema=${word(schema)}` : '';
  return `pg_dump --format=custom --file=${word(file)} ${address(target)}${only} ${word(target.database)}`;
}

/** Into an empty database: what a newer version added would otherwise stay beside what is restored. */
export function pgRestoreLine(target: PostgresTarget, file: string): string {
  const where = address(target);
  const name = word(target.database);
  return (
    `dropdb ${where} ${name}, createdb ${where} ${name}, then ` +
    `pg_restore --exit-on-error --single-transaction ${where} --dbname=${name} ${word(file)}`
  );
}
