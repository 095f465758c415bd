import { type Logger, pino } from 'pino';
import type { Database } from '../../src/db/database.ts';
import type { Service, ServiceContext } from '../../src/services/service.ts';
import { resolveSettings, type Settings } from '../../src/settings/settings.ts';

export function settingsWith(env: Record<string, string> = {}): Settings {
  return resolveSettings({ env: { HOME: '/nonexistent', ...env }, cwd: '/' });
}

export interface LogLine {
  level: number;
  msg: string;
  module?: string;
  [field: string]: unknown;
}

/** A log whose lines the test reads. */
export function listeningLog(): { log: Logger; lines: LogLine[] } {
  const lines: LogLine[] = [];
  const log = pino({ level: 'debug', base: null }, { write: (text: string) => lines.push(JSON.parse(text)) });
  return { log, lines };
}

export const never = new AbortController().signal;

/** One turn, as the runner would do it. */
export async function turn(
  service: Service,
  db: Database,
  { env = {}, ...given }: { env?: Record<string, string> } & Partial<ServiceContext> = {},
): ReturnType<Service['turn']> {
  const { log } = listeningLog();
  return service.turn({ db, settings: settingsWith(env), log, stopping: never, ...given });
}

export async function until(condition: () => boolean | Promise<boolean>, seconds = 20): Promise<void> {
  const deadline = Date.now() + seconds * 1000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`not within ${seconds} s: ${condition}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
