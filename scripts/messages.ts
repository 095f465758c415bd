/** Writes docs/messages.md: every sentence with which a command ends, as it stands in the sources. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { CommandError, type CommandErrorCode, nextStep } from '../src/cli/failure.ts';
import type { Advice } from '../src/migrations/advice.ts';
import { MigrationError, type MigrationErrorKind } from '../src/migrations/errors.ts';
import { PG_ADVICE } from '../src/migrations/pg/advice.ts';
import { SQLITE_ADVICE } from '../src/migrations/sqlite/advice.ts';
import { readSentences } from './sentences.ts';

export interface Message {
  code: string;
  exitCode: number;
  text: string;
  next: string | null;
  file: string;
  /** The call in the sources that says it, in one or more wordings. */
  origin: string;
}

const root = join(import.meta.dirname, '..');
/** What only whoever writes revisions meets. */
const FOR_CONTRIBUTORS = /migrations\/(generate|check|rebase|lint|repository|(pg|sqlite)\/generate)/;

export function readMessages(): Message[] {
  const files = (readdirSync(join(root, 'src'), { recursive: true }) as string[])
    .filter((file) => file.endsWith('.ts') && !FOR_CONTRIBUTORS.test(file))
    .sort();
  const all = files.flatMap((file) => {
    const source = readFileSync(join(root, 'src', file), 'utf8');
    return CLASSES.filter(({ name }) => source.includes(`new ${name}(`)).flatMap(({ name, exitCode }) =>
      readSentences(source, [name]).flatMap(({ codes, text, start }) =>
        codes.map((code) => ({
          ...{ code, exitCode: exitCode(code), text, next: nextStep(text) },
          ...{ file, origin: `${file}:${start}` },
        })),
      ),
    );
  });
  return all.sort((a, b) => a.exitCode - b.exitCode || compare(a.code, b.code) || compare(a.text, b.text));
}

const CLASSES = [
  {
    name: 'MigrationError',
    exitCode: (code: string) => new MigrationError(code as MigrationErrorKind, '').exitCode,
  },
  {
    name: 'CommandError',
    exitCode: (code: string) => new CommandError(code as CommandErrorCode, '').exitCode,
  },
];

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const MEANING: Record<number, string> = {
  1: 'it failed',
  2: 'wrong usage, or a wrong setting',
  3: 'the database is ahead of this version',
  4: 'the database is behind this version',
  5: 'something is not what was applied, or is damaged',
  6: 'refused, since nobody has said yes',
  7: 'somebody else has the lock',
};

export function messagesText(messages: readonly Message[]): string {
  const sections = [...new Set(messages.map(({ exitCode }) => exitCode))].map((exitCode) => {
    const rows = messages.filter((message) => message.exitCode === exitCode).map(row);
    const head = ['| code | what it says | what to do |', '|---|---|---|'];
    return [`## ${exitCode}: ${MEANING[exitCode]}`, '', ...head, ...new Set(rows)].join('\n');
  });
  return `${[INTRODUCTION, ...sections, adviceText()].join('\n\n')}\n`;
}

/** What stands before "then start again" and "then run it again" in what to do. */
function adviceText(): string {
  const rows = (engine: string, table: readonly Advice[]) =>
    table.map(({ advice }) => `| ${engine} | ${advice.replace('$1', '…')} |`);
  return [
    '## Where a revision failed',
    '',
    'What to do first depends on the reason; where it is none of these: put right what the reason names.',
    '',
    ...['| engine | what to do |', '|---|---|'],
    ...rows('SQLite', SQLITE_ADVICE),
    ...rows('PostgreSQL', PG_ADVICE),
  ].join('\n');
}

const INTRODUCTION = `# Messages

Every sentence with which \`prefect-server\` ends, by its exit code. Made from the sources by \`npm run messages\`; \`…\` stands for what is
known only when it happens. With \`--json\` the error is a document on stdout: \`{"error": {"code", "message", "next", "exitCode"}}\`.
A wrong setting (code \`setting\`, exit code 2) is told by a sentence that names the setting, where it comes from, and what is allowed.`;

function row({ code, text, next }: Message): string {
  const cell = (words: string): string => words.replaceAll('|', '\\|').replaceAll('\n', ' ');
  const what = next === null ? text : text.slice(0, text.lastIndexOf(next)).replace(/: $/, '');
  return `| \`${code}\` | ${cell(what)} | ${cell(next ?? '')} |`;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  mkdirSync(join(root, 'docs'), { recursive: true });
  writeFileSync(join(root, 'docs/messages.md'), messagesText(readMessages()));
}
