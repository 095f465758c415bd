/** `npm run migrations:lint`: what each statement of both chains locks, rewrites and loses. */

import { parseArgs } from 'node:util';
import { loadChains } from '../repository/chains.ts';
import { runCommand } from '../repository/command.ts';
import { readFiles } from '../repository/files.ts';
import { landedRevisions } from '../repository/git.ts';
import { readNotes } from '../repository/notes.ts';
import { lint } from './lint.ts';
import { lintRows, renderLint } from './render.ts';

const USAGE = `Usage: npm run migrations:lint [-- [--all] [--json]]

  --all   every revision statement by statement, also those that have landed
  --json  all of it as JSON: {rows, problems}`;

async function main({ all = false, json = false }: { all?: boolean; json?: boolean }): Promise<void> {
  const { chains, notesFolder } = await loadChains();
  const landed = landedRevisions(notesFolder)?.folders ?? null;
  const report = lint({ chains: chains.map(readFiles), notes: readNotes(notesFolder), landed });
  if (json) console.log(JSON.stringify({ rows: lintRows(report), problems: report.problems }, null, 2));
  else console.log(renderLint(report, all).join('\n'));
  if (report.problems.length > 0) process.exitCode = 1;
}

const flag = { type: 'boolean' } as const;
await runCommand(USAGE, () => parseArgs({ options: { all: flag, json: flag, help: flag } }).values, main);
