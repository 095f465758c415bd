import type { EventFilter } from '../entities/event/filter.ts';
import { stringifyJson } from '../json/json.ts';

/** Where a page of events stands in its query: all that the link to the next page has to know. */
export interface Page {
  filter: EventFilter;
  /** How many events matched when the first page was read. */
  count: number;
  page_size: number;
  offset: number;
}

/** The token of the page after this one; null when there is none. Prefect encodes it twice. */
export function nextPageToken({ filter, count, page_size, offset }: Page): string | null {
  const next = offset + page_size;
  if (next >= count) return null;
  const json = stringifyJson({ filter, count, page_size, offset: next });
  return base64(base64(json));
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

/** The token's content, to be validated like any input; undefined when it isn't a token. */
export function readPageToken(token: string): unknown {
  try {
    return JSON.parse(unbase64(unbase64(token)));
  } catch {
    return undefined;
  }
}

function unbase64(text: string): string {
  return Buffer.from(text, 'base64').toString('utf8');
}
