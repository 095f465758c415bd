import { isUtf8 } from 'node:buffer';
import type { Database as Driver } from 'better-sqlite3';

const OPTIONS = { deterministic: true, directOnly: true };

/**
 * What SQL can't tell of a text. SQLite keeps any bytes as text, and the driver makes U+FFFD of those that are no UTF-8:
 * so a text without it is in order, and only the few others are looked at byte by byte.
 */
export function addTextFunctions(driver: Driver): void {
  driver.function('has_odd_text', { ...OPTIONS, varargs: true }, (...values: unknown[]) =>
    Number(values.some(isOdd)),
  );
  driver.function('is_utf8', OPTIONS, (bytes: unknown) =>
    Number(!(bytes instanceof Uint8Array) || isUtf8(bytes)),
  );
}

function isOdd(value: unknown): boolean {
  if (typeof value === 'string') return value.includes('\uFFFD') || value.includes('\0');
  return value instanceof Uint8Array && (!isUtf8(value) || value.includes(0));
}
