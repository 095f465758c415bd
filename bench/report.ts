import type { Measured } from './load.ts';

/** What a server measured; null where it has no such operation. */
export type Column = Measured | null;

const NOTHING = '-';

export function tableHeader(first: string[], names: string[]): void {
  const columns = names.flatMap((name) => [`${name}/s`, 'median ms', 'p99 ms', 'failed']);
  const ratios = names.slice(1).map((name) => `${names[0]}/${name}`);
  const all = [...first, ...ratios, ...columns];
  console.log(`| ${all.join(' | ')} |\n|${'---|'.repeat(all.length)}`);
}

/** Ours comes first, and is divided by each of the others. */
export function tableRow(first: (string | number)[], columns: Column[]): void {
  const [ours, ...others] = columns;
  const ratios = others.map((other) => (ours && other ? ratio(ours.rate / other.rate) : NOTHING));
  console.log(`| ${[...first, ...ratios, ...columns.flatMap(cells)].join(' | ')} |`);
}

function cells(column: Column): string[] {
  if (!column) return [NOTHING, NOTHING, NOTHING, NOTHING];
  const { rate, median, p99, failed } = column;
  return [ratio(rate), median.toFixed(1), p99.toFixed(1), String(failed)];
}

export function ratio(value: number): string {
  return value >= 10 ? value.toFixed(0) : value.toFixed(2);
}

export function milliseconds(value: number): string {
  return `${value < 10 ? value.toFixed(1) : value.toFixed(0)} ms`;
}
