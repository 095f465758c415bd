import { expect } from 'vitest';
import { MigrationError, type MigrationErrorKind } from '../../src/migrations/errors.ts';

/** The sentence that a refused migration ends with, once its kind and exit code are the expected ones. */
export async function refusal(
  work: Promise<unknown>,
  kind: MigrationErrorKind,
  exitCode: number,
): Promise<string> {
  const error = await work.then(
    () => undefined,
    (reason) => reason,
  );
  expect(error).toBeInstanceOf(MigrationError);
  expect(error).toMatchObject({ kind, exitCode });
  expect(error.message).toMatch(/^[A-Z].*[^.]\.$/s);
  return error.message;
}
