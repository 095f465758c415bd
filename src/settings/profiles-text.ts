import { stringify } from 'smol-toml';
import type { ProfileChange } from './profiles-file.ts';

/** A key as TOML has it: bare, or in quotes of either kind. */
const KEY = String.raw`(?:[\w-]+|"(?:[^"\\]|\\.)*"|'[^']*')`;
const HEADER = new RegExp(String.raw`^\s*\[\s*profiles\s*\.\s*(${KEY})\s*\]\s*(?:#.*)?$`);
const ANY_HEADER = /^\s*\[/;
const ENTRY = new RegExp(String.raw`^\s*(${KEY})\s*=`);

/** Changes the lines that a change is about. The result is to be parsed and compared: it doesn't know all of TOML. */
export function changeText(text: string, change: ProfileChange): string {
  const lines = text === '' ? [] : text.replace(/\n$/, '').split('\n');
  switch (change.kind) {
    case 'activate':
      activate(lines, change.name);
      break;
    case 'add':
      append(lines, change.name, change.variables);
      break;
    case 'remove':
      remove(lines, change.name);
      break;
    case 'rename':
      rename(lines, change.name, change.to);
      break;
    case 'set':
      set(lines, change.name, change.variable, change.value);
      break;
    case 'unset':
      unset(lines, change.name, change.variable);
  }
  return `${lines.join('\n')}\n`;
}

function activate(lines: string[], name: string): void {
  const end = lines.findIndex((line) => ANY_HEADER.test(line));
  const at = lines.slice(0, end < 0 ? lines.length : end).findIndex((line) => keyOf(line) === 'active');
  if (at >= 0) lines[at] = withValue(lines[at]!, name);
  else lines.splice(end < 0 ? lines.length : end, 0, `active = ${quoted(name)}`, '');
}

function append(lines: string[], name: string, variables: Record<string, unknown>): void {
  if (lines.length > 0 && lines.at(-1)!.trim() !== '') lines.push('');
  lines.push(`[profiles.${spelledKey(name)}]`, ...stringify(variables).split('\n').filter(Boolean));
}

function remove(lines: string[], name: string): void {
  const part = partOf(lines, name);
  if (!part) return;
  const gap = lines[part.end]?.trim() === '' ? 1 : 0;
  lines.splice(part.start, part.end - part.start + gap);
  while (lines.at(-1)?.trim() === '') lines.pop();
}

function rename(lines: string[], name: string, to: string): void {
  const part = partOf(lines, name);
  if (!part) return;
  const line = lines[part.start]!;
  const [, key] = HEADER.exec(line)!;
  lines[part.start] = line.replace(key!, () => spelledKey(to));
}

function set(lines: string[], name: string, variable: string, value: string): void {
  const part = partOf(lines, name);
  if (!part) return;
  const at = indexOf(lines, part, variable);
  if (at >= 0) lines[at] = withValue(lines[at]!, value);
  else lines.splice(part.end, 0, `${variable} = ${quoted(value)}`);
}

function unset(lines: string[], name: string, variable: string): void {
  const part = partOf(lines, name);
  const at = part ? indexOf(lines, part, variable) : -1;
  if (at >= 0) lines.splice(at, 1);
}

interface Part {
  start: number;
  end: number;
}

/** The lines of a profile, from its header to its last value: a comment after that is about what follows. */
function partOf(lines: string[], name: string): Part | undefined {
  const start = lines.findIndex((line) => {
    const key = HEADER.exec(line)?.[1];
    return key !== undefined && bare(key) === name;
  });
  if (start < 0) return undefined;
  const next = lines.slice(start + 1).findIndex((line) => ANY_HEADER.test(line));
  let end = next < 0 ? lines.length : start + 1 + next;
  while (end > start + 1 && /^\s*(#.*)?$/.test(lines[end - 1]!)) end--;
  return { start, end };
}

function indexOf(lines: string[], { start, end }: Part, variable: string): number {
  for (let i = start + 1; i < end; i++) if (keyOf(lines[i]!) === variable) return i;
  return -1;
}

function keyOf(line: string): string | undefined {
  const key = ENTRY.exec(line)?.[1];
  return key === undefined ? undefined : bare(key);
}

/** The line with another value, its comment kept. */
function withValue(line: string, value: string): string {
  const [key] = ENTRY.exec(line)!;
  const old = /^\s*(?:"(?:[^"\\]|\\.)*"|'[^']*'|[^#"'[{]*?)(\s*#.*)?$/.exec(line.slice(key.length));
  return `${key} ${quoted(value)}${old?.[1] ?? ''}`;
}

function bare(key: string): string {
  if (key.startsWith('"')) return JSON.parse(key) as string;
  return key.startsWith("'") ? key.slice(1, -1) : key;
}

const quoted = (text: string): string => stringify({ v: text }).replace(/^v = |\n$/g, '');

const spelledKey = (name: string): string => (/^[\w-]+$/.test(name) ? name : JSON.stringify(name));
