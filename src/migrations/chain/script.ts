/** What the files of a revision say: `-- Key: value` lines on top, and statements apart by breakpoints. */

const DOWN_LABELS = ['lossless', 'lossy', 'irreversible'] as const;
export type DownLabel = (typeof DOWN_LABELS)[number];

/** A down.sql, read; also of a revision that only the ledger knows. */
export interface DownScript {
  readonly label: DownLabel;
  /** What is lost, or why there is no way back: what stands in parentheses after the label. */
  readonly detail: string;
  readonly transactional: boolean;
  readonly statements: readonly string[];
  /** The data step whose effect has to be undone before. */
  readonly data: string | null;
}

/** Stands on a line of its own between statements. */
export const BREAKPOINT = '--> statement-breakpoint';
const BREAKPOINT_LINE = new RegExp(`^${BREAKPOINT}[ \\t]*$`, 'm');
const CONTROLS_TRANSACTION = /^(begin|commit|rollback|end|start\s+transaction)\b/i;
const LABEL = /^(lossless|lossy|irreversible)(?:\s+\((.*)\))?$/;

/** The `-- Key: value` lines at the top of a file; keys in lower case. */
export function readHeader(text: string): Map<string, string> {
  const header = new Map<string, string>();
  for (const line of text.split('\n')) {
    if (line.trim() !== '' && !line.startsWith('--')) break;
    const [, key, value] = /^-- ([A-Z][\w ]*): (.*)$/.exec(line) ?? [];
    if (key && value && !header.has(key.toLowerCase())) header.set(key.toLowerCase(), value.trim());
  }
  return header;
}

/** @throws what `refuse` makes of a statement that would begin or end a transaction, which is the runner's business */
export function readStatements(text: string, refuse: (what: string) => Error): string[] {
  const statements = splitAtBreakpoints(text);
  const [wrong] = statements.map(withoutComments).filter((bare) => CONTROLS_TRANSACTION.test(bare));
  if (wrong === undefined) return statements;
  throw refuse(`may not control transactions itself (${wrong.slice(0, 30)}): the runner begins and commits`);
}

/** The statements of a file or of its body; none of a comment alone. */
export function splitAtBreakpoints(text: string): string[] {
  return text
    .split(BREAKPOINT_LINE)
    .map((statement) => statement.trim())
    .filter((statement) => withoutComments(statement) !== '');
}

/** Where a statement really begins. Comments inside quotes are taken for comments: good enough for its first words. */
export function withoutComments(statement: string): string {
  return statement.replace(/\/\*[\s\S]*?\*\/|--.*$/gm, '').trim();
}

/** @throws what `refuse` makes of a file without a label */
export function readDownScript(text: string, refuse: (what: string) => Error): DownScript {
  const header = readHeader(text);
  const [, label, detail = ''] = LABEL.exec(header.get('down') ?? '') ?? [];
  if (!label)
    throw refuse(
      `doesn't say what its way back loses: put "-- Down: ${DOWN_LABELS.join(' | ')}" into the header of its down.sql`,
    );
  return {
    label: label as DownLabel,
    detail,
    transactional: header.get('transaction') !== 'none',
    statements: readStatements(text, refuse),
    data: header.get('data') ?? null,
  };
}

export function withLf(text: string): string {
  return text.replaceAll('\r\n', '\n');
}
