import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ChainName } from '../revisions.ts';

/** As Prefect's own notes name its two chains. */
const CHAIN_NAMES: Record<ChainName, string> = { sqlite: 'SQLite', pg: 'Postgres' };

const INTRODUCTION = `# Migration notes

One entry a change, newest first: its revision on each chain and, where it needs one, a word to operators on what it
costs, what it may break, and why a hazard was accepted.
`;

/** Puts an entry above the newest one. Two branches that do so meet in a merge conflict here, which is the point. */
export function addNote(
  folder: string,
  timestamp: string,
  message: string,
  revisions: readonly { chain: ChainName; id: string }[],
): void {
  const file = join(folder, 'MIGRATION-NOTES.md');
  const text = existsSync(file) ? readFileSync(file, 'utf8') : INTRODUCTION;
  const start = text.search(/^## /m);
  const [above, below] = start < 0 ? [text, ''] : [text.slice(0, start), text.slice(start)];
  const date = timestamp.slice(0, 10).replaceAll('_', '-');
  const lines = revisions.map(({ chain, id }) => `- ${CHAIN_NAMES[chain]}: \`${id}\``);
  const entry = `## ${date} ${message.trim()}\n\n${lines.join('\n')}\n`;
  writeFileSync(file, `${above.trimEnd()}\n\n${entry}${below ? `\n${below}` : ''}`);
}
