import { parentPort, workerData } from 'node:worker_threads';
import { connectReader } from './connect.ts';
import { openFilesOf } from './open-files.ts';
import type { ReadAnswer, ReadRequest } from './readers.ts';
import { Statements, toBindable } from './statements.ts';

const { file } = workerData as { file: string };
const others = new Set(openFilesOf(file));
const statements = new Statements(connectReader(file));
parentPort!.postMessage({ opened: openFilesOf(file).filter((fd) => !others.has(fd)) } satisfies ReadAnswer);

parentPort!.on('message', ({ id, sql, params, shape }: ReadRequest) => {
  parentPort!.postMessage(answer(id, sql, params, shape));
});

function answer(id: number, sql: string, params: unknown[], shape: ReadRequest['shape']): ReadAnswer {
  try {
    return { id, rows: statements.run(sql, toBindable(params), shape) };
  } catch (error) {
    // Errors lose their `code` on the way between threads.
    const { message, code } = error as Error & { code?: string };
    return code === undefined ? { id, error: message } : { id, error: message, code };
  }
}
