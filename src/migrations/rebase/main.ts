/** `npm run migrations:rebase`: one line again, after two branches have each added a revision. */

import { relative } from 'node:path';
import { parseArgs } from 'node:util';
import { CHAINS } from '../generate/snapshots.ts';
import { loadChains, root } from '../repository/chains.ts';
import { runCommand } from '../repository/command.ts';
import { NOTES_FILE } from '../repository/notes.ts';
import { type RebaseResult, rebase } from './rebase.ts';

const USAGE = `Usage: npm run migrations:rebase [<revision>]

  <revision>  what goes last: an id of either chain, or the beginning of one; else what the main branch doesn't have yet`;

async function main(revision: string | undefined): Promise<void> {
  const sources = await loadChains();
  const result = await rebase({ ...sources, revision });
  for (const file of result.resolved) console.log(`drizzle/${file} keeps both sides of the merge.`);
  if (result.moved.length === 0) console.log('Each chain is one line: nothing had to be moved.');
  else report(result);
}

function report({ moved, onto, landed }: RebaseResult): void {
  const place = onto
    ? `after ${onto.sqlite.revision.id} and ${onto.pg.revision.id} (${onto.sqlite.revision.slug})`
    : 'first';
  console.log(`Put ${place}:`);
  for (const { sides } of moved)
    for (const chain of CHAINS) console.log(`  ${relative(root, sides[chain].path)}`);
  console.log('\nTo review:');
  const notes = `drizzle/${NOTES_FILE} has ${moved.length === 1 ? 'it' : 'them'} on top: see that the words still hold.`;
  for (const sentence of [...moved.flatMap(({ review }) => review), notes]) console.log(`  ${sentence}`);
  const [{ twins }] = moved as [RebaseResult['moved'][0]];
  for (const { twins } of moved.filter(({ twins: { sqlite } }) =>
    landed?.folders.has(sqlite.revision.folder),
  )) {
    const { id, slug } = twins.sqlite.revision;
    console.log(`  ${id} (${slug}) is on ${landed!.branch} already: databases may have it in its old place.`);
  }
  console.log('\nA database that has it in its old place goes on with');
  for (const chain of CHAINS) {
    const { id, parent } = twins[chain].revision;
    console.log(
      `  prefect-server database downgrade -r ${parent ?? 'base'} && prefect-server database upgrade  (${id})`,
    );
  }
  console.log('\nThen: npm run generate:check && npm run migrations:lint && git add drizzle');
}

function options(): { revision: string | undefined; help?: boolean } {
  const { values, positionals } = parseArgs({
    options: { help: { type: 'boolean' } },
    allowPositionals: true,
  });
  if (positionals.length > 1) throw new Error('Only one revision can go last.');
  return { revision: positionals[0], ...values };
}

await runCommand(USAGE, options, ({ revision }) => main(revision));
