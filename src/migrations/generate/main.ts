import { join, relative } from 'node:path';
import { MigrationError } from '../errors.ts';
import { loadChains } from '../repository/chains.ts';
import { landedRevisions } from '../repository/git.ts';
import { NOTES_FILE } from '../repository/notes.ts';
import { type Generated, type GeneratedPair, generateRevisions } from './generate.ts';
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
  else console.log(report(generated, options, notes));
}

function asJson({ pairs, replaced, warnings }: Generated) {
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
    warnings,
  };
}

function report(
  { pairs, replaced, warnings }: Generated,
  { amend, custom }: Omit<CommandLine, 'json' | 'help'>,
  notes: string,
): string {
  const [first] = pairs;
  if (!first) {
    if (replaced.length === 0) return 'Nothing has changed in the schemas: no revision is needed.';
    return `Nothing of it is left to do: removed ${replaced.map(place).join(' and ')}.`;
  }
  const width = process.stdout.columns ?? Number(process.env['COLUMNS'] ?? 80);
  const lines = pairs.map((pair) => `${sideBySide(pair, width)}\n`);
  lines.push(...warnings);
  for (const { dataFile } of pairs) {
    if (dataFile) lines.push(`Write the data step in ${place(dataFile)}.`);
  }
  if (custom) {
    const folders = CHAINS.map((chain) => place(first.revisions[chain].folder)).join(' and ');
    lines.push(
      `Write up.sql and down.sql, with its label, in ${folders}; then run npm run generate -- --amend, which brings`,
      'revisions.lock and the notes up to date.',
    );
  }
  if (amend) {
    const parent = first.revisions.sqlite.parent ?? 'base';
    lines.push(
      `A database that has the old version: prefect-server database downgrade -r ${parent}, then upgrade.`,
    );
  }
  return [...lines, `Say in ${notes} what operators should know of it, and run npm run check.`].join('\n');
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
