import { errors } from '../errors.ts';

/** The oldest API version whose requests are understood, as Prefect's own server has it. */
const MINIMUM = [0, 8, 0];

/**
 * Refuses a client that is too old, as Prefect's routes do; a newer one, and one that says nothing, is welcome.
 * @throws HttpError 400
 */
export function checkApiVersion(header: string | string[] | undefined): void {
  if (typeof header !== 'string' || header === '') return;
  const parts = header.split('.');
  const version = parts.map((part) => (/^\s*[+-]?\d+\s*$/.test(part) ? Number(part) : Number.NaN));
  if (version.length !== 3 || version.some(Number.isNaN)) {
    throw errors.badRequest(
      `Invalid X-PREFECT-API-VERSION header format.Expected header in format 'x.y.z' but received ${header}`,
    );
  }
  const first = version.findIndex((number, i) => number !== MINIMUM[i]);
  if (first < 0 || version[first]! > MINIMUM[first]!) return;
  throw errors.badRequest(
    `The request specified API version ${header} but this server requires version ${MINIMUM.join('.')} or higher.`,
  );
}
