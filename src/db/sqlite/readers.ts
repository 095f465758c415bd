import { extname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type { RowShape, Statement } from '../engine.ts';
import { DatabaseUnavailable } from '../errors.ts';
import { toDatabaseError } from './errors.ts';
import { closeFiles } from './open-files.ts';

export interface ReadRequest {
  id: number;
  sql: string;
  params: unknown[];
  shape: RowShape;
}

export type ReadAnswer =
  | { id: number; rows: unknown[] }
  | { id: number; error: string; code?: string }
  /** The first one: under which numbers the thread has opened the file. */
  | { opened: number[] };

/** A second thread keeps one slow scan from holding up every list; more than the cores of a small machine gains nothing. */
const MAX_THREADS = 2;

/** A read that nobody waits for any more gets so long when the database is closed. */
const GRACE_MS = 100;
const LOOK_EVERY_MS = 10;

/** Threads for reads that may touch many rows. Started when first needed: each costs some ten megabytes. */
export class ReaderThreads {
  private readonly file: string;
  private readonly threads: ReaderThread[] = [];

  constructor(file: string) {
    this.file = file;
  }

  run(statement: Statement, shape: RowShape): Promise<unknown[]> {
    return this.leastBusy().run(statement, shape);
  }

  private leastBusy(): ReaderThread {
    let best: ReaderThread | undefined;
    for (const thread of this.threads) if (!best || thread.load < best.load) best = thread;
    if (best && (best.load === 0 || this.threads.length >= MAX_THREADS)) return best;
    const thread = new ReaderThread(this.file, () => this.threads.splice(this.threads.indexOf(thread), 1));
    this.threads.push(thread);
    return thread;
  }

  async close(): Promise<void> {
    await Promise.all(this.threads.map((thread) => thread.close()));
  }
}

/** From the sources (tests, dev) a thread must load the loader of TypeScript itself: it doesn't inherit ours. */
function startWorker(file: string): Worker {
  const extension = extname(import.meta.url);
  const script = new URL(`./reader-thread${extension}`, import.meta.url);
  const options = { workerData: { file } };
  if (extension !== '.ts') return new Worker(script, options);
  // By its address: code that is given as text looks for packages from the folder that the server was started in.
  const loader = JSON.stringify(import.meta.resolve('tsx/esm/api'));
  const load = `import(${loader}).then(({ register }) => { register(); return import(${JSON.stringify(script.href)}); })`;
  return new Worker(load, { ...options, eval: true });
}

class ReaderThread {
  private readonly file: string;
  private readonly worker: Worker;
  private readonly waiting = new Map<number, PromiseWithResolvers>();
  private opened: number[] = [];
  private next = 0;
  private closing = false;

  constructor(file: string, onExit: () => void) {
    this.file = file;
    this.worker = startWorker(file);
    this.worker.unref();
    this.worker.on('message', (answer: ReadAnswer) => this.settle(answer));
    this.worker.on('error', (error) => this.failAll(error));
    this.worker.on('exit', () => {
      onExit();
      this.failAll(new Error('the reading thread has ended'));
    });
  }

  get load(): number {
    return this.waiting.size;
  }

  run({ sql, params }: Statement, shape: RowShape): Promise<unknown[]> {
    const id = this.next++;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      this.worker.ref();
      this.worker.postMessage({ id, sql, params, shape } satisfies ReadRequest);
    });
  }

  private settle(answer: ReadAnswer): void {
    if ('opened' in answer) {
      this.opened = answer.opened;
      return;
    }
    const waiting = this.waiting.get(answer.id);
    this.waiting.delete(answer.id);
    if (this.waiting.size === 0) this.worker.unref();
    if ('rows' in answer) waiting?.resolve(answer.rows);
    else if (this.closing) waiting?.reject(cutShort(new Error('the database is being closed')));
    else waiting?.reject(toDatabaseError(Object.assign(new Error(answer.error), { code: answer.code })));
  }

  private failAll(cause: Error): void {
    for (const { reject } of this.waiting.values()) reject(cutShort(cause));
    this.waiting.clear();
  }

  /**
   * A thread ends between two statements only, and the process with it, however it is told to; and the driver has no way
   * to interrupt a statement. So one that lasts loses its file: its next read of it fails.
   */
  async close(): Promise<void> {
    this.closing = true;
    for (let waited = 0; this.load > 0; waited += LOOK_EVERY_MS) {
      if (waited >= GRACE_MS) closeFiles(this.file, this.opened);
      await sleep(LOOK_EVERY_MS);
    }
    await this.worker.terminate();
  }
}

function cutShort(cause: Error): DatabaseUnavailable {
  return new DatabaseUnavailable(`A read of the SQLite database was cut short: ${cause.message}.`, { cause });
}

interface PromiseWithResolvers {
  resolve: (rows: unknown[]) => void;
  reject: (error: unknown) => void;
}
