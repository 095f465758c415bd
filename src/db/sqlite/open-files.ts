import { closeSync, fstatSync, readdirSync, statSync } from 'node:fs';

/** The numbers under which this process has a file open; none where the system doesn't tell. */
export function openFilesOf(file: string): number[] {
  try {
    const { dev, ino } = statSync(file);
    return readdirSync('/dev/fd')
      .map(Number)
      .filter((fd) => isFile(fd, dev, ino));
  } catch {
    return [];
  }
}

function isFile(fd: number, dev: number, ino: number): boolean {
  try {
    const stat = fstatSync(fd);
    return stat.dev === dev && stat.ino === ino;
  } catch {
    // The one that the list was read with.
    return false;
  }
}

/** Takes a file from whoever in this process has it open under one of these numbers: what they read of it next fails. */
export function closeFiles(file: string, numbers: readonly number[]): void {
  // Looked at again, since a number may have been given to another file by now.
  for (const fd of openFilesOf(file)) if (numbers.includes(fd)) closeSync(fd);
}
