import { parseArgs } from 'node:util';
import { reasonOf } from '../errors.ts';
import type { Rename } from './dialect.ts';
import { parseRename } from './renames.ts';

export const USAGE = `npm run generate -- "message"            what has changed in the schemas, as a new pair of revisions
npm run generate -- --amend ["message"]  makes the newest revision anew, while it isn't on the main branch

  --rename flow.name:title   the column flow.name is flow.title now
  --rename flow:workflow     the table flow is workflow now
  --drop flow.name           flow.name (or a table) goes with its data: it wasn't renamed
  --data                     with a data step in drizzle/data, for both dialects
  --custom                   empty revisions, to be written by hand
  --overwrite                with --amend: what was changed by hand may go
  --json                     prints what was made as JSON`;

export interface CommandLine {
  readonly message?: string;
  readonly amend: boolean;
  readonly custom: boolean;
  readonly data: boolean;
  readonly overwrite: boolean;
  readonly json: boolean;
  readonly help: boolean;
  readonly renames: readonly Rename[];
  readonly drops: readonly string[];
}

/** Exits with code 2; a refusal of what is meant is a MigrationError instead. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

const FLAGS = {
  amend: { type: 'boolean', default: false },
  custom: { type: 'boolean', default: false },
  data: { type: 'boolean', default: false },
  overwrite: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false, short: 'h' },
  rename: { type: 'string', multiple: true, default: [] as string[] },
  drop: { type: 'string', multiple: true, default: [] as string[] },
} as const;

/** @throws UsageError */
export function readCommandLine(args: readonly string[]): CommandLine {
  const { values, positionals } = parse(args);
  const { amend, custom, data, overwrite, json, help } = values;
  const message = positionals.join(' ').trim();
  if (!help) refuseMixture({ ...values, message });
  return {
    ...(message !== '' && { message }),
    ...{ amend, custom, data, overwrite, json, help },
    renames: values.rename.map(readRename),
    drops: values.drop.map(readDrop),
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: FLAGS, allowPositionals: true });
  } catch (error) {
    throw new UsageError(`${reasonOf(error)}.`);
  }
}

function refuseMixture(given: {
  message: string;
  amend: boolean;
  custom: boolean;
  overwrite: boolean;
  rename: readonly string[];
  drop: readonly string[];
}): void {
  const hasNames = given.rename.length > 0 || given.drop.length > 0;
  if (!given.amend && !/[a-z0-9]/i.test(given.message)) {
    throw new UsageError('Say what the revision is about: npm run generate -- "add labels to flows".');
  }
  if (given.custom && given.amend)
    throw new UsageError('--custom makes a new revision: give it without --amend.');
  if (given.custom && hasNames) {
    throw new UsageError('--custom changes nothing in the schemas: give --rename and --drop without it.');
  }
  if (given.overwrite && !given.amend) throw new UsageError('--overwrite goes with --amend only.');
}

function readRename(text: string): Rename {
  const rename = parseRename(text);
  if (rename) return rename;
  throw new UsageError(`--rename ${text} is no rename: give table.column:new_name or table:new_name.`);
}

function readDrop(text: string): string {
  if (/^\w+(\.\w+)?$/.test(text)) return text;
  throw new UsageError(`--drop ${text} names nothing: give table.column or table.`);
}
