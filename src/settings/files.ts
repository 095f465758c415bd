import { readFileSync } from 'node:fs';
import { parse as parseDotenv } from 'dotenv';
import { parse as parseToml } from 'smol-toml';
import { SettingsError } from './errors.ts';

function read(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EISDIR') return null;
    throw new SettingsError(`The settings file ${file} can't be read (${code}): correct its permissions.`);
  }
}

/** A TOML file as it stands; an empty table when there is none. */
export function readToml(file: string): Record<string, unknown> {
  const text = read(file);
  if (text === null) return {};
  try {
    return parseToml(text);
  } catch (error) {
    const { line } = error as { line?: number };
    // The parser's message quotes the lines around the mistake, which may hold a password.
    const where = line === undefined ? '' : ` (line ${line})`;
    throw new SettingsError(`The settings file ${file} isn't valid TOML${where}: correct or remove it.`);
  }
}

const PLACEHOLDER = /\$\{(\w+)(?::-([^}]*))?\}/g;

/** A .env file; `${NAME}` and `${NAME:-default}` are filled in as python-dotenv does for Prefect, the file before the environment. */
export function readDotenv(file: string, env: Record<string, string | undefined>): Record<string, string> {
  const text = read(file);
  if (text === null) return {};
  const done: Record<string, string> = {};
  for (const [name, value] of Object.entries(parseDotenv(text)))
    done[name] = value.replace(PLACEHOLDER, (whole, key: string, fallback?: string) => {
      // Left for the URL's own reading, which knows what may stand in a password.
      if (/^PREFECT_(SERVER|API)_DATABASE_PASSWORD$/.test(key)) return whole;
      return done[key] ?? env[key] ?? fallback ?? '';
    });
  return done;
}
