import type { Logger } from 'pino';

export interface Started {
  version: string;
  database: string;
  /** Its name and version: `PostgreSQL 18.1`. */
  engine: string;
  revision: string | null;
  /** Revisions applied at this start. */
  applied: string[];
  /** What that took. */
  milliseconds: number;
  url: string;
}

/** Says what runs where and what to do next: to a person in a terminal, to a log as one line. */
export function welcome(log: Logger, started: Started): void {
  const next = `prefect config set PREFECT_API_URL=${started.url}`;
  if (!process.stderr.isTTY) {
    log.info({ ...started, next }, `prefect-server ${started.version} serves ${started.url}`);
    return;
  }
  const { applied, milliseconds } = started;
  const migrated =
    applied.length === 0 ? 'up to date' : `${applied.length} applied now, in ${milliseconds} ms`;
  const lines = [
    '',
    `  prefect-server ${started.version}`,
    '',
    `  API       ${started.url}`,
    `  Database  ${started.database}`,
    `  Engine    ${started.engine}`,
    `  Revision  ${started.revision ?? 'none'} (${migrated})`,
    '',
    '  To use it:',
    `    ${next}`,
    '',
    '',
  ];
  process.stderr.write(lines.join('\n'));
}
