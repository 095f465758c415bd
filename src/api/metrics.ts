import { readdirSync } from 'node:fs';
import type { RequestHandler } from 'express';
import type { Services } from './mount.ts';

/**
 * /api/metrics in Prometheus's text format, where the setting says so: what Prefect's server tells of its process, under
 * the same names, and when each background service was last done.
 */
export function metrics({ settings, services }: Services): RequestHandler {
  const started = Date.now() / 1000 - process.uptime();
  return async (request, response, next) => {
    if (!settings.server.metricsEnabled || request.method !== 'GET' || request.path !== '/metrics')
      return next();
    const { user, system } = process.cpuUsage();
    const lines = [
      ...one('process_cpu_seconds_total', 'counter', 'CPU time in seconds.', (user + system) / 1e6),
      ...one(
        'process_resident_memory_bytes',
        'gauge',
        'Resident memory in bytes.',
        process.memoryUsage.rss(),
      ),
      ...one('process_start_time_seconds', 'gauge', 'Start of the process, seconds since 1970.', started),
      ...openFiles(),
      ...lastTurns((await services?.report()) ?? []),
    ];
    response.type('text/plain; version=0.0.4; charset=utf-8').send(`${lines.join('\n')}\n`);
  };
}

type Kind = 'counter' | 'gauge';

function head(name: string, kind: Kind, help: string): string[] {
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${kind}`];
}

function one(name: string, kind: Kind, help: string, value: number): string[] {
  return [...head(name, kind, help), `${name} ${value}`];
}

function openFiles(): string[] {
  try {
    const open = readdirSync('/dev/fd').length;
    return one('process_open_fds', 'gauge', 'Files and sockets that are open.', open);
  } catch {
    return [];
  }
}

type Report = Awaited<ReturnType<NonNullable<Services['services']>['report']>>;

function lastTurns(report: Report): string[] {
  const done = report.filter(({ last_finished }) => last_finished !== null);
  if (done.length === 0) return [];
  const name = 'prefect_server_service_last_finished_seconds';
  const help = 'End of the last turn of a background service, seconds since 1970.';
  const values = done.map((service) => {
    const seconds = Date.parse(service.last_finished!) / 1000;
    return `${name}{service="${service.name}"} ${seconds}`;
  });
  return [...head(name, 'gauge', help), ...values];
}
