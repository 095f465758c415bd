import { readFileSync } from 'node:fs';
import type { ConnectionOptions } from 'node:tls';
import pg from 'pg';
import type { PostgresTarget, TlsOptions } from '../../settings/settings.ts';
import { toDatabaseError } from './errors.ts';

/** The driver's TLS option for the mode that the target asks for, as libpq means it. */
export function tlsOptions({ mode, caFile, certFile, keyFile }: TlsOptions): ConnectionOptions | false {
  if (mode === 'disable') return false;
  const verify = mode === 'verify-ca' || mode === 'verify-full' || caFile !== null;
  return {
    minVersion: 'TLSv1.2',
    rejectUnauthorized: verify,
    ...(caFile === null ? {} : { ca: readFileSync(caFile) }),
    ...(certFile === null ? {} : { cert: readFileSync(certFile) }),
    ...(keyFile === null ? {} : { key: readFileSync(keyFile) }),
    ...(mode === 'verify-full' ? {} : { checkServerIdentity: () => undefined }),
  };
}

/**
 * Finds out with one connection whether a server that may do without TLS has it; the driver knows no `prefer`.
 * @throws DatabaseUnavailable
 */
export async function negotiateTls(
  target: PostgresTarget,
  config: pg.ClientConfig,
): Promise<ConnectionOptions | false> {
  const options = tlsOptions(target.tls);
  if (target.tls.mode !== 'prefer' && target.tls.mode !== 'allow') return options;
  if (target.host.startsWith('/')) return false;
  const client = new pg.Client({ ...config, ssl: options });
  // Without a listener a connection that breaks right after it was made would end the process.
  client.on('error', () => {});
  try {
    await client.connect();
    await client.end();
    return options;
  } catch (error) {
    if (error instanceof Error && /does not support SSL/.test(error.message)) return false;
    throw toDatabaseError(error);
  }
}
