import { join, relative } from 'node:path';
import { MigrationError } from '../errors.ts';
import { loadChains } from './chains.ts';
import { type Generated, type GeneratedPair, generateRevisions } from './generate.ts';
import { landedRevisions } from './git.ts';
import { NOTES_FILE } from './notes.ts';
import { type CommandLine, readCommandLine, USAGE, UsageError } from './options.ts';
import { sideBySide } from './side-by-side.ts';
import { CHAINS } from './snapshots.ts';

const place = (path: string) => relative(process.cwd(), path);

async function main(): Promise<void> {
  const { json, help, ...options } = readCommandLine(process.argv.slice(2));
  if (help) return console.log(USAGE);
  const { chains, notesFolder } = await loadChains();
  const landed = landedRevisions(notesFolder)?.folders ?? new Set<string>();
  const generated = await generateRevisions({ ...options, chains, notesFolder, landed });
  const notes = place(join(notesFolder, NOTES_FILE));
  if (json) console.log(JSON.stringify({ ...asJson(generated), notes }, null, 2));
  else print(generated, options, notes);
}

function asJson({ pairs, replaced }: Generated) {
  const revision = (pair: GeneratedPair, chain: (typeof CHAINS)[number]) => {
    const { id, folder, up, down, label, transactional } = pair.revisions[chain];
    return { id, folder: place(folder), transactional, up, down, label };
  };
  return {
    revisions: pairs.map((pair) => ({
      slug: pair.slug,
      sqlite: revision(pair, 'sqlite'),
      pg: revision(pair, 'pg'),
      data: pair.dataFile && place(pair.dataFile),
    })),
    replaced: replaced.map(place),
  };
}

function print(
  { pairs, replaced }: Generated,
  { amend, custom }: Omit<CommandLine, 'json' | 'help'>,
  notes: string,
): void {
  const width = process.stdout.columns ?? Number(process.env['COLUMNS'] ?? 80);
  if (pairs.length === 0) {
    if (replaced.length === 0) console.log('Nothing has changed in the schemas: no revision is needed.');
    else console.log(`Nothing of it is left to do: removed ${replaced.map(place).join(' and ')}.`);
    return;
  }
  for (const pair of pairs) console.log(`${sideBySide(pair, width)}\n`);
  for (const { dataFile } of pairs) {
    if (dataFile) console.log(`Write the data step in ${place(dataFile)}.`);
  }
  if (custom) {
    for (const chain of CHAINS) {
      console.log(
        `Write up.sql and down.sql, with its label, in ${place(pairs[0]!.revisions[chain].folder)}.`,
      );
    }
    console.log(
      'Then run npm run generate -- --amend, which brings revisions.lock and the notes up to date.',
    );
  }
  if (amend)
    console.log(
      'A database that has the old version: prefect-server database downgrade -r -1, then upgrade.',
    );
  console.log(`Say in ${notes} what operators should know of it, and run npm run check.`);
}

try {
  await main();
} catch (error) {
  if (error instanceof UsageError) {
    console.error(`${error.message} All flags: npm run generate -- --help`);
    process.exitCode = 2;
  } else if (error instanceof MigrationError) {
    console.error(error.message);
    process.exitCode = error.exitCode;
  } else {
    throw error;
  }
}
