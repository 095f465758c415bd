/** Hazards that both engines have. */

import type { Hazard } from './facts.ts';

export function allRows(table: string, what: 'written' | 'deleted'): Hazard {
  const advice = `every row is ${what} in one go; give it a WHERE, or make it a data step (generate --data)`;
  return { rule: 'all-rows', table, advice };
}

export function repeatedRows(table: string, columns: readonly string[]): Hazard {
  const what = columns.join(', ');
  return { rule: 'unique', table, advice: `fails if two rows have the same ${what}; see to them before` };
}

export function droppedTable(table: string): Hazard {
  const advice = 'its rows are gone; drop it a release after the last version that reads it';
  return { rule: 'drop-table', table, advice };
}

export function droppedColumn(table: string): Hazard {
  const advice = 'its values are gone; drop it a release after the last version that reads it';
  return { rule: 'drop-column', table, advice };
}

export function renamed(table: string, old: string, name: string): Hazard {
  const advice = `a server that still runs fails from then on, since it asks for ${old} and not for ${name}`;
  return { rule: 'rename', table, advice };
}
