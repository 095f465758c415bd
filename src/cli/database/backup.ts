import { resolve } from 'node:path';
import { backup, restore } from '../../migrations/run/backup.ts';
import { confirm } from '../confirm.ts';
import { answer, type OutputOptions } from '../output.ts';
import { openContext } from './context.ts';

/** `database backup`: a checked copy, made while the database is in use. */
export async function backUpDatabase(file: string | undefined, flags: OutputOptions): Promise<void> {
  const { target, database, reporter } = await openContext();
  const made = await backup(target, { reporter, ...(file === undefined ? {} : { file: resolve(file) }) });
  const { bytes, milliseconds } = made;
  const size = `${(bytes / 1024 / 1024).toFixed(1)} MiB, ${milliseconds} ms`;
  answer({ database, file: made.file, bytes, milliseconds }, `${made.file} (${size})`, flags);
}

/** `database restore`: puts a copy in the place of the database, which is kept beside it. */
export async function restoreDatabase(file: string, flags: OutputOptions & { yes?: boolean }): Promise<void> {
  const context = await openContext();
  const { target, database, log, reporter } = context;
  const copy = resolve(file);
  if (!flags.yes && !context.missing)
    await confirm({
      what: `${database} will be replaced by ${copy}, and kept beside it.`,
      ask: 'Restore it?',
      flag: '-y',
      json: flags.json,
    });
  context.makeHome();
  const { revision, replaced } = await restore(target, copy, reporter);
  if (flags.json) return answer({ database, revision, file: copy, replaced }, '', flags);
  const kept = replaced ? `; what was there before is ${replaced}` : '';
  log.info(`${database} is ${copy} again, at revision ${revision ?? 'base'}${kept}`);
}
