import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type Inputs, resolveSettings, type Settings, SettingsError } from '../../src/settings/settings.ts';

/** A folder to start in, with the files that settings are read from, and an environment of its own. */
export interface Workplace {
  readonly cwd: string;
  write(file: string, text: string): void;
  read(env?: Record<string, string>, inputs?: Inputs): Settings;
  /** The sentence with which the settings are refused. */
  refusal(env?: Record<string, string>, inputs?: Inputs): string;
  remove(): void;
}

export function createWorkplace(): Workplace {
  const cwd = realpathSync(mkdtempSync(join(tmpdir(), 'settings-')));
  const read = (env: Record<string, string> = {}, inputs: Inputs = {}): Settings =>
    resolveSettings({ env: { HOME: cwd, ...env }, cwd, platform: 'linux', ...inputs });
  return {
    cwd,
    read,
    write(file, text) {
      mkdirSync(dirname(join(cwd, file)), { recursive: true });
      writeFileSync(join(cwd, file), text);
    },
    refusal(env, inputs) {
      try {
        read(env, inputs);
      } catch (error) {
        if (error instanceof SettingsError && error.exitCode === 2) return error.message;
        throw error;
      }
      throw new Error('These settings were accepted.');
    },
    remove: () => rmSync(cwd, { recursive: true }),
  };
}
