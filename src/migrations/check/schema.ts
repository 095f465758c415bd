import { MigrationError } from '../errors.ts';
import { readSchema } from '../generate/schemas.ts';
import { type ChainFiles, lineOf } from '../repository/files.ts';
import type { Failure } from './check.ts';

/** Whether the newest revision's snapshot says all that the schema files do. */
export async function checkSchema({
  chain,
  engine,
  source,
  revisions,
  unreadable,
}: ChainFiles): Promise<Failure[]> {
  const line = lineOf(revisions);
  const head = line.at(-1);
  // Without one newest snapshot, which another failure says, there is nothing to compare with.
  if (unreadable.length > 0 || line.length < revisions.length || (head && !head.snapshot)) return [];
  const { generator } = source;
  try {
    const before = head?.snapshot ?? (await generator.snapshot({}));
    const statements = await generator.statements(before, await readSchema(source, before));
    if (statements.length === 0) return [];
    const first = statements[0]!.split('\n')[0]!.slice(0, 80);
    const count = statements.length === 1 ? '1 statement' : `${statements.length} statements`;
    const message =
      `The schema of ${engine} says more than its newest revision (${count}, the first: ${first}): ` +
      'run npm run generate -- "what changes".';
    return [{ rule: 'schema', chain, message }];
  } catch (error) {
    if (!(error instanceof MigrationError)) throw error;
    return [{ rule: 'schema', chain, message: error.message }];
  }
}
