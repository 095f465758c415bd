import type { Database } from '../../src/db/database.ts';
import { serve } from '../events/stage.ts';
import { createTestDatabase } from '../support/database.ts';

export interface Answer {
  status: number;
  headers: Headers;
  text: string;
  body: never;
}

export type Ask = (
  method: string,
  path: string,
  body?: unknown,
  headers?: Record<string, string>,
) => Promise<Answer>;

export interface Api {
  db: Database;
  ask: Ask;
  post: (path: string, body?: unknown) => Promise<Answer>;
  close(): Promise<void>;
}

/** The API on an empty database of its own; `env` are settings. */
export async function startApi(env: Record<string, string> = {}): Promise<Api> {
  const own = await createTestDatabase();
  const stage = await serve(own.db, env);
  const ask: Ask = async (method, path, body, headers = {}) => {
    const response = await fetch(stage.url + path, {
      method,
      headers: { 'content-type': 'application/json', ...headers },
      body: body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body),
      redirect: 'manual',
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type') === 'application/json';
    return {
      status: response.status,
      headers: response.headers,
      text,
      body: (isJson && text !== '' ? JSON.parse(text) : undefined) as never,
    };
  };
  return {
    db: own.db,
    ask,
    post: (path, body) => ask('POST', path, body),
    async close() {
      await stage.close();
      await own.dispose();
    },
  };
}
