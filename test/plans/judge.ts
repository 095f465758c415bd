/** What is wrong with a plan when the growing tables have a million rows. */
import { GROWING } from './million.ts';

/** As many rows as may be sorted for one answer: those of a flow or a deployment, not those of a state or a year. */
const FEW_ROWS = 20_000;

const growing = GROWING.join('|');

export interface PlanLine {
  id: number;
  parent: number;
  detail: string;
}

/** How many rows have one value in the first so many columns of an index, as SQLite's statistics say it. */
export type RowsOf = (index: string, columns: number) => number;

/**
 * A table that grows is read from end to end, or so many of its rows are sorted. A read in the order of an index stops
 * when a page is full.
 */
export function sqliteComplaints(plan: PlanLine[], rowsOf: RowsOf): string[] {
  return plan.flatMap(({ parent, detail }) => {
    const scan = new RegExp(`^SCAN (${growing})\\b(?! USING)`).exec(detail);
    if (scan) return [`reads all of ${scan[1]}`];
    const sort = /^USE TEMP B-TREE FOR (?:LAST TERM OF )?(ORDER BY|GROUP BY|DISTINCT)/.exec(detail);
    if (!sort) return [];
    const around = plan.filter((line) => line.parent === parent && /^(SCAN|SEARCH) /.test(line.detail));
    const first = around[0];
    return first && isMany(first.detail, plan, rowsOf) ? [`sorts ${tableOf(first.detail)}`] : [];
  });
}

const tableOf = (detail: string): string => /^\w+ (\w+)/.exec(detail)?.[1] ?? '';

/** Whether the outermost loop goes over many rows of a table that grows. */
function isMany(detail: string, plan: PlanLine[], rowsOf: RowsOf): boolean {
  const search = new RegExp(
    `^SEARCH (?:${growing})\\b USING (?:COVERING )?(?:INDEX (\\w+) )?\\((.*)\\)$`,
  ).exec(detail);
  if (!search) return new RegExp(`^SCAN (?:${growing})\\b`).test(detail);
  const equal = search[2]!.split(' AND ').filter((term) => term.endsWith('=?')).length;
  if (equal === 0 || rowsOf(search[1]!, equal) > FEW_ROWS) return true;
  // The list of what to look for is itself read from the whole of a table.
  const lists = plan.filter((line) => line.detail.startsWith('LIST SUBQUERY')).map(({ id }) => id);
  return plan.some((line) => lists.includes(line.parent) && /^SCAN (?!json_each|value)/.test(line.detail));
}

export function pgComplaints(plan: string[]): string[] {
  return plan.flatMap((line) => {
    const scan = new RegExp(`Seq Scan on (${growing})\\b`).exec(line);
    if (scan) return [`reads all of ${scan[1]}`];
    const sort = /^\s*(?:-> *)?Sort .*rows=(\d+)/.exec(line);
    return sort && Number(sort[1]) > FEW_ROWS ? ['sorts'] : [];
  });
}
