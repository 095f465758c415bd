import { randomBytes } from 'node:crypto';
import { BREAKPOINT, withLf } from '../chain/script.ts';
import { MigrationError } from '../errors.ts';

const SLUG_LENGTH = 40;

export const newRevisionId = (): string => randomBytes(6).toString('hex');

/** `Add labels to flows!` is `add_labels_to_flows`. */
export function slugOf(message: string): string {
  const words = message
    .toLowerCase()
    .replaceAll(/['’]/g, '')
    .match(/[a-z0-9]+/g);
  if (!words) {
    throw new MigrationError(
      'chain',
      'A revision needs a message that says what it is about: npm run generate -- "add labels to flows".',
    );
  }
  const slug = words.join('_');
  if (slug.length <= SLUG_LENGTH) return slug;
  // Ends with a whole word, unless that would leave nothing.
  return slug
    .slice(0, SLUG_LENGTH + 1)
    .replace(/_[^_]*$/, '')
    .slice(0, SLUG_LENGTH);
}

/** `2026_11_22_093000`, in UTC; a second after the newest of `others` when that isn't past, so that folders sort as the chain goes. */
export function timestampAfter(now: Date, others: readonly string[]): string {
  const newest = Math.max(...others.map((other) => millisecondsOf(other) + 1000), now.getTime());
  return new Date(newest).toISOString().slice(0, 19).replaceAll(/[-T]/g, '_').replaceAll(':', '');
}

function millisecondsOf(timestamp: string): number {
  return Date.parse(timestamp.replace(/^(\d{4})_(\d\d)_(\d\d)_(\d\d)(\d\d)(\d\d)$/, '$1-$2-$3T$4:$5:$6Z'));
}

interface Up {
  readonly id: string;
  readonly parent: string | null;
  readonly timestamp: string;
  /** More lines of the header, without the dashes: `Transaction: none`. */
  readonly headers: readonly string[];
  readonly body: string;
}

export function upText({ id, parent, timestamp, headers, body }: Up): string {
  const [date, time] = [timestamp.slice(0, 10).replaceAll('_', '-'), timestamp.slice(11)];
  const lines = [
    `Revision: ${id}`,
    `Revises: ${parent ?? 'base'}`,
    `Create Date: ${date} ${time.replace(/(..)(..)(..)/, '$1:$2:$3')}`,
    ...headers,
  ];
  return `${headerText(lines)}\n${body}`;
}

export function downText(label: string, headers: readonly string[], body: string): string {
  return `${headerText([`Down: ${label}`, ...headers])}\n${body}`;
}

const headerText = (lines: readonly string[]): string => lines.map((line) => `-- ${line}\n`).join('');

/** @throws MigrationError if one wouldn't come out of the file as it went in */
export function bodyText(engine: string, statements: readonly string[]): string {
  const broken = statements.find((statement) => /^--> statement-breakpoint[ \t]*$|\r/m.test(statement));
  if (broken !== undefined) {
    const what = broken.includes('\r')
      ? 'a carriage return, which git may drop'
      : 'a line that parts statements';
    throw new MigrationError(
      'chain',
      `A statement for ${engine} has ${what} (${broken.split(/[\r\n]/)[0]!.slice(0, 80)}): take it out of the schema's ` +
        'text, or build it there with char(13) or chr(13) in sql`...`.',
    );
  }
  return statements.length === 0
    ? `-- Nothing to do on ${engine}.\n`
    : `${statements.join(`\n${BREAKPOINT}\n`)}\n`;
}

/** For statements that are yet to be written by hand. */
export function customBody(engine: string, direction: 'up' | 'down'): string {
  const what = direction === 'up' ? 'What this revision does' : 'What undoes it';
  return `-- ${what} on ${engine} stands here, with a line "${BREAKPOINT}" between statements.\n`;
}

/** A file without the lines of its header and the empty line behind them. */
export function bodyOf(text: string): string {
  return withLf(text).replace(/^(?:-- [A-Z][\w ]*: .*\n)*\n*/, '');
}

/** The lines of a file's header, without the dashes. */
export function headersOf(text: string): string[] {
  const [header] = /^(?:-- [A-Z][\w ]*: .*\n)*/.exec(withLf(text))!;
  return header.split('\n').flatMap((line) => (line ? [line.slice(3)] : []));
}
