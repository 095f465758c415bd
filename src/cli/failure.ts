/** Exit codes are part of the contract with whoever starts the command. */
export const EXIT = { done: 0, failed: 1, usage: 2, refused: 6 } as const;

/** An end that was foreseen: one sentence that says what to do next, and the exit code. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly exitCode: number;

  constructor(message: string, exitCode: number = EXIT.failed, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCode;
  }
}

/** Says on stderr why the command ends (a line of JSON when nobody reads along) and gives its exit code. */
export function reportFailure(error: unknown): number {
  const foreseen = exitCodeOf(error);
  const message = error instanceof Error ? error.message : String(error);
  // Only a fault of ours needs a stack.
  const stack = foreseen === null && error instanceof Error ? error.stack : undefined;
  if (process.stderr.isTTY) process.stderr.write(`${stack ?? message}\n`);
  else {
    const line = { level: 'fatal', time: new Date().toISOString(), pid: process.pid, msg: message, stack };
    process.stderr.write(`${JSON.stringify(line)}\n`);
  }
  return foreseen ?? EXIT.failed;
}

/** The errors of the lower floors carry their exit code, or are known by name; null means that nobody foresaw it. */
function exitCodeOf(error: unknown): number | null {
  if (!(error instanceof Error)) return null;
  if ('exitCode' in error && typeof error.exitCode === 'number') return error.exitCode;
  return 'code' in error && error.code === 'unavailable' ? EXIT.failed : null;
}
