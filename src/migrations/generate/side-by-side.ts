import { basename } from 'node:path';
import type { GeneratedPair, GeneratedRevision } from './generated.ts';

const GAP = ' | ';
/** Narrower columns would cut statements to pieces. */
const NARROWEST = 45;

/** What each dialect will do, in two columns where the terminal is wide enough, else one after the other. */
export function sideBySide({ revisions }: GeneratedPair, width: number): string {
  const [left, right] = [revisions.sqlite, revisions.pg].map(linesOf) as [string[], string[]];
  const column = Math.floor((width - GAP.length) / 2);
  if (column < NARROWEST) return [...left, '', ...right].join('\n');
  const [one, other] = [left, right].map((lines) => lines.flatMap((line) => wrap(line, column)));
  return Array.from({ length: Math.max(one!.length, other!.length) }, (_, at) =>
    `${(one![at] ?? '').padEnd(column)}${GAP}${other![at] ?? ''}`.trimEnd(),
  ).join('\n');
}

function linesOf({ engine, folder, up, label, transactional }: GeneratedRevision): string[] {
  const how = transactional ? '' : ', without a transaction';
  const count = up.length === 1 ? '1 statement' : `${up.length} statements`;
  const lines = up.flatMap((statement) => statement.split('\n').map((line) => `  ${line}`));
  return [
    `${engine} (${count}${how})`,
    basename(folder),
    ...(lines.length > 0 ? lines : ['  nothing to do']),
    `Down: ${label}`,
  ];
}

/** At spaces, as far as there are any; what goes on is indented more. */
function wrap(line: string, width: number): string[] {
  const indent = `${/^ */.exec(line)![0]}  `;
  const lines: string[] = [];
  let rest = line;
  while (rest.length > width) {
    const at = rest.lastIndexOf(' ', width);
    const cut = at > indent.length ? at : width;
    lines.push(rest.slice(0, cut));
    rest = indent + rest.slice(cut).trimStart();
  }
  return [...lines, rest];
}
