import { readFileSync } from 'node:fs';

/** The release of Prefect whose behaviour this server has; clients compare it with their own. */
export const PREFECT_VERSION = '3.8.8';

/** The version of the REST API, as `GET /version` gives it. */
export const API_VERSION = '0.8.4';

/** The version of this package. */
export function packageVersion(): string {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  return String(version);
}
