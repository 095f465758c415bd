/** `npm run generate:check`: whether what `npm run generate` wrote is as it wrote it, and all of it is there. */

import { parseArgs } from 'node:util';
import { loadChains, type Sources } from '../repository/chains.ts';
import { runCommand } from '../repository/command.ts';
import { readFiles } from '../repository/files.ts';
import { landedRevisions } from '../repository/git.ts';
import { tidyLock, tidyNotes } from '../repository/tidy.ts';
import { type CheckResult, checkGenerated } from './check.ts';

const USAGE = `Usage: npm run generate:check [-- [--json] [--accept]]

  --accept  take revisions that were edited, and have not landed, as they are: into revisions.lock and the notes
  --json    what is wrong as JSON, an array of {rule, chain, message}`;

async function main({ json, accept }: { json?: boolean; accept?: boolean }): Promise<void> {
  const sources = await loadChains();
  if (accept) takeEdits(sources, json ? () => {} : console.log);
  const result = await checkGenerated(sources);
  if (json) console.log(JSON.stringify(result.failures, null, 2));
  else report(result);
  if (result.failures.length > 0) process.exitCode = 1;
}

function takeEdits({ chains, notesFolder }: Sources, say: (line: string) => void): void {
  const files = chains.map(readFiles);
  for (const { place } of tidyLock(files, notesFolder, landedRevisions(notesFolder))) {
    say(`${place} is in revisions.lock as it is now.`);
  }
  tidyNotes(files, notesFolder);
}

function report({ failures, pairs }: CheckResult): void {
  for (const { message } of failures) console.error(message);
  const count = pairs === 1 ? '1 pair' : `${pairs} pairs`;
  if (failures.length === 0) {
    console.log(`Schemas, chains, notes and revisions.lock say the same: ${count} of revisions.`);
  }
}

const flag = { type: 'boolean' } as const;
await runCommand(USAGE, () => parseArgs({ options: { json: flag, accept: flag, help: flag } }).values, main);
