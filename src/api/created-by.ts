import type { IncomingHttpHeaders } from 'node:http';
import { optional, parameters, string, uuid } from './kinds/index.ts';
import { canonicalUuid } from './mount.ts';

/** The headers by which an automation's action says who it is. */
export const CreatedByHeaders = parameters({
  'prefect-automation-id': optional(uuid()),
  'prefect-automation-name': optional(string()),
});

/** Who made a flow run, as far as the request says; the automation's name comes in base64. */
export function createdBy(headers: IncomingHttpHeaders): Record<string, string> | null {
  const id = headers['prefect-automation-id'];
  const name = headers['prefect-automation-name'];
  if (typeof id !== 'string' || typeof name !== 'string') return null;
  const display_value = Buffer.from(name, 'base64').toString('utf8');
  if (display_value === '' || display_value.includes('\ufffd')) return null;
  return { id: canonicalUuid(id), type: 'AUTOMATION', display_value };
}
