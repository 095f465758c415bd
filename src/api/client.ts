import type { IncomingHttpHeaders } from 'node:http';
import { type Client, clientOf } from '../orchestration/client.ts';

/** What the sender of a request does by itself, by the versions that it says it has. */
export function requestClient(headers: IncomingHttpHeaders): Client {
  return clientOf(headers['x-prefect-api-version'] as string | undefined, headers['user-agent']);
}
