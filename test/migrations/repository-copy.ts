import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
const FOLDERS = ['src', 'drizzle', 'scripts', 'catalogue'];
const FILES = /^(package(-lock)?|tsconfig.*|openapi|biome)\.json$|^drizzle\..*\.ts$|^\.gitignore$|\.md$/;

/** What a contributor has after cloning and npm install, in a folder of its own; packages are those of this one. */
export class RepositoryCopy {
  readonly folder = mkdtempSync(join(tmpdir(), 'repository-'));

  constructor() {
    const names = readdirSync(root).filter((name) => FOLDERS.includes(name) || FILES.test(name));
    for (const name of names) cpSync(join(root, name), join(this.folder, name), { recursive: true });
    symlinkSync(join(root, 'node_modules'), join(this.folder, 'node_modules'));
  }

  /** Runs a line of a shell; what it prints comes back as a terminal would show it. */
  run(command: string, env: Record<string, string> = {}): { output: string; status: number | null } {
    const { stdout, status } = spawnSync('sh', ['-c', `{ ${command}\n} 2>&1`], {
      cwd: this.folder,
      encoding: 'utf8',
      env: {
        PATH: process.env['PATH'],
        HOME: process.env['HOME'],
        NO_COLOR: '1',
        npm_config_loglevel: 'error',
        ...env,
      },
    });
    return { output: stdout, status };
  }

  dispose(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
