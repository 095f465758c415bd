import { readFileSync, statfsSync } from 'node:fs';
import { freemem } from 'node:os';

const FOLDER = '/dev/shm';
const ROOM_BYTES = 8e9;

/**
 * A folder that is kept in memory, where there is one with room from which programs may be run: what tests make is thrown
 * away, and a disk is most of what they wait for.
 */
export function memoryFolder(): string | undefined {
  try {
    const mounts = readFileSync('/proc/mounts', 'utf8')
      .split('\n')
      .map((line) => line.split(' '))
      .filter(([, folder]) => folder === FOLDER);
    const mayRun =
      mounts.length > 0 && mounts.every(([, , , options]) => !options!.split(',').includes('noexec'));
    const { bavail, bsize } = statfsSync(FOLDER);
    return mayRun && Math.min(bavail * bsize, freemem()) > ROOM_BYTES ? FOLDER : undefined;
  } catch {
    // Not Linux.
    return undefined;
  }
}
