import { createServer, type Server } from 'node:net';
import type { Settings } from '../settings/settings.ts';
import { CommandError } from './failure.ts';

type Address = Pick<Settings, 'server' | 'sourceOf'>;

/** Fails when the address can't be listened on, before anything else is done. */
export async function checkPort(settings: Address): Promise<void> {
  const probe = createServer();
  await listen(probe, settings);
  await new Promise((resolve) => probe.close(resolve));
}

/** Listens where the settings say, unless it does so already, and gives the port, which is a free one when they say 0. */
export async function listen(server: Server, settings: Address): Promise<number> {
  if (!server.listening) await begin(server, settings);
  return (server.address() as { port: number }).port;
}

async function begin(server: Server, settings: Address): Promise<void> {
  const { host, port } = settings.server.api;
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(explain(error, settings)));
    server.listen({ host, port }, () => {
      server.removeAllListeners('error');
      resolve();
    });
  });
}

function explain(cause: NodeJS.ErrnoException, { server, sourceOf }: Address): CommandError {
  const { host, port } = server.api;
  const source = sourceOf('server.api.host');
  switch (cause.code) {
    case 'EADDRINUSE':
      return new CommandError(
        'port_in_use',
        `Port ${port} on ${host} is in use by another program: stop that one, or choose another port with --port.`,
        { cause },
      );
    case 'EACCES':
      return new CommandError(
        'port_refused',
        `Port ${port} may only be opened by root: choose one above 1023 with --port.`,
        { cause },
      );
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'EINVAL':
      return new CommandError(
        'host_unknown',
        `${host}, from ${source}, is no address of this machine: 127.0.0.1 serves this machine alone, 0.0.0.0 all that reach it.`,
        { cause },
      );
    default:
      return new CommandError(
        'cannot_listen',
        `The address ${host}:${port} can't be listened on (${cause.message}): choose another one with --host and --port.`,
        { cause },
      );
  }
}

/** The address for PREFECT_API_URL: where every interface is served, a client on this machine takes the loopback. */
export function apiUrl(settings: Settings, port: number): string {
  const { host, basePath } = settings.server.api;
  const reachable = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
  return `http://${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}${basePath ?? '/api'}`;
}
