import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { chainFolder } from '../../src/migrations/chain/revisions.ts';
import type { CopyTask } from './copy-process.ts';
import { bundleProcess } from './process-bundle.ts';

const script = await bundleProcess('copy-process');
const folders = { sqlite: chainFolder('sqlite'), pg: chainFolder('pg') };

/** Copies in a process of its own: the number of its reports, or null when it was killed before its end. */
export async function copyInProcess(task: Omit<CopyTask, 'folders'>): Promise<number | null> {
  try {
    const text = JSON.stringify({ ...task, folders });
    const { stdout } = await promisify(execFile)(process.execPath, [script, text]);
    return Number(stdout);
  } catch (error) {
    if ((error as { signal?: string }).signal !== 'SIGKILL') throw error;
    return null;
  }
}
