import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { RepositoryCopy } from './repository-copy.ts';

const PAGE = join(import.meta.dirname, '../../CONTRIBUTING.md');
const text = readFileSync(PAGE, 'utf8');
/** Each section starts from a fresh clone. */
const sections = text.split(/^(?=## )/m);
const updated = [...sections];

let copy: RepositoryCopy;
const env = { COLUMNS: '114' };

function quiet(command: string): void {
  const { output, status } = copy.run(`set -e; ${withoutNpm(command)}`, env);
  if (status !== 0) throw new Error(`${command}\n${output}`);
}

beforeAll(() => {
  copy = new RepositoryCopy();
  quiet('git init -q -b main && echo node_modules >> .git/info/exclude && echo patch >> .git/info/exclude');
  quiet('git config user.name Nobody && git config user.email nobody@example.com');
  quiet('git add -A && git commit -q -m "All of it"');
  quiet('git tag clone');
});
afterAll(() => {
  copy.dispose();
  // Writes what the commands print now into the page: UPDATE_CONTRIBUTING=1 npx vitest run --project unit contributing
  if (process.env['UPDATE_CONTRIBUTING']) writeFileSync(PAGE, updated.join(''));
});

/** Without what differs from one run to the next, or with every revision that lands. */
function masked(output: string): string {
  return output
    .replaceAll(/\b\d{4}_\d{2}_\d{2}_\d{6}/g, 'YYYY_MM_DD_HHMMSS')
    .replaceAll(/\b[0-9a-f]{12}\b|(?<=_)[0-9a-f]{12}(?=_)/g, 'abcdefabcdef')
    .replaceAll(/\d+ (?=revisions|pairs)|(?<=revisions, )\d+ (?=statements)/g, 'N ')
    .split('\n')
    .filter((line) => !/\bhas landed\b/.test(line))
    .map((line) => line.trimEnd())
    .join('\n');
}

const BLOCK = /<!-- before:\n([\s\S]*?)-->|^```(diff|console)\n([\s\S]*?)^```$/gm;

const { scripts } = JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8'));

/** What npm would run, without the time that npm takes to start. */
const withoutNpm = (command: string): string =>
  command.replace(/npm run (\S+)(?: --(?= ))?/g, (_, name: string) =>
    scripts[name].replace(/^tsx /, 'node --import tsx '),
  );

/** A block with what its commands print in place of what the page says. */
function played(block: string): string {
  const commands = block.split('\n').filter((line) => line.startsWith('$ '));
  const output = (line: string) => copy.run(withoutNpm(line.slice(2)), env).output.trimEnd();
  return commands.map((line) => `${line}\n${output(line)}\n`).join('\n');
}

test.each(
  sections.flatMap((section, at) =>
    section.includes('```console') ? [[section.split('\n')[0]!, at] as const] : [],
  ),
)(
  'the page shows what the commands print: %s',
  (_, at) => {
    quiet('git switch -q -f -C work clone && git clean -fdq && git branch -f main clone');
    let shown = '';
    let real = '';
    updated[at] = sections[at]!.replaceAll(BLOCK, (whole, before?: string, kind?: string, body?: string) => {
      if (before !== undefined) quiet(before);
      if (kind === 'diff') {
        writeFileSync(join(copy.folder, 'patch'), body!);
        quiet('git apply --unidiff-zero patch');
      }
      if (kind !== 'console') return whole;
      const block = played(body!);
      shown += body;
      real += block;
      return `\`\`\`console\n${block}\`\`\``;
    });
    if (!process.env['UPDATE_CONTRIBUTING']) expect(masked(shown)).toBe(masked(real));
  },
  300_000,
);
