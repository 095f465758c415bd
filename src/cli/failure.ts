/** Exit codes are part of the contract with whoever starts the command. */
export const EXIT = {
  done: 0,
  failed: 1,
  usage: 2,
  ahead: 3,
  behind: 4,
  damaged: 5,
  refused: 6,
  locked: 7,
} as const;

/** Why a command ends, where it is neither the database's doing nor that of the settings. */
export const COMMAND_ERRORS = {
  usage: EXIT.usage,
  in_memory: EXIT.usage,
  host_unknown: EXIT.usage,
  port_refused: EXIT.usage,
  port_in_use: EXIT.failed,
  cannot_listen: EXIT.failed,
  killed: EXIT.failed,
  unknown_setting: EXIT.usage,
  fixed_setting: EXIT.usage,
  setting_not_set: EXIT.failed,
  no_such_profile: EXIT.failed,
  profile_exists: EXIT.failed,
  profile_active: EXIT.failed,
  no_sources: EXIT.failed,
  unconfirmed: EXIT.refused,
  declined: EXIT.refused,
} as const satisfies Record<string, number>;

export type CommandErrorCode = keyof typeof COMMAND_ERRORS;

/** An end that was foreseen: one sentence that says what to do next, and the exit code. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly code: CommandErrorCode;
  readonly exitCode: number;

  constructor(code: CommandErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.exitCode = COMMAND_ERRORS[code];
  }
}

/** A failure as a document: what `--json` prints on stdout. */
export interface Failure {
  code: string;
  message: string;
  /** What to do next. */
  next: string | null;
  exitCode: number;
}

export function describeFailure(error: unknown): Failure {
  const foreseen = exitCodeOf(error);
  const message = error instanceof Error ? error.message : String(error);
  return {
    code: codeOf(error),
    message,
    next: foreseen === null ? null : nextStep(message),
    exitCode: foreseen ?? EXIT.failed,
  };
}

/** Says why the command ends (a line of JSON on stderr when nobody reads along) and gives its exit code. */
export function reportFailure(error: unknown, { json = false } = {}): number {
  const failure = describeFailure(error);
  // Only a fault of ours needs a stack.
  const stack = exitCodeOf(error) === null && error instanceof Error ? error.stack : undefined;
  if (json) process.stdout.write(`${JSON.stringify({ error: failure }, null, 2)}\n`);
  if (process.stderr.isTTY) {
    if (!json || stack) process.stderr.write(`${stack ?? failure.message}\n`);
  } else if (!json || stack) {
    const time = new Date().toISOString();
    const line = { level: 'fatal', time, pid: process.pid, msg: failure.message, stack };
    process.stderr.write(`${JSON.stringify(line)}\n`);
  }
  return failure.exitCode;
}

/**
 * The part of a sentence that says what to do: after the last colon that stands neither in brackets, where a driver's own
 * words are, nor in quotes.
 */
export function nextStep(message: string): string | null {
  let depth = 0;
  let quoted = false;
  for (let i = message.length - 1; i > 0; i--) {
    if (message[i] === '"') quoted = !quoted;
    else if (message[i] === ')') depth++;
    else if (message[i] === '(') depth--;
    else if (depth === 0 && !quoted && message[i] === ':' && message[i + 1] === ' ')
      return message.slice(i + 2).replace(/[.]$/, '');
  }
  return null;
}

/** The errors of the lower floors carry their exit code, or are known by name; null means that nobody foresaw it. */
function exitCodeOf(error: unknown): number | null {
  if (!(error instanceof Error)) return null;
  if ('exitCode' in error && typeof error.exitCode === 'number') return error.exitCode;
  return 'code' in error && error.code === 'unavailable' ? EXIT.failed : null;
}

function codeOf(error: unknown): string {
  const { code, kind, name } = error as { code?: unknown; kind?: unknown; name?: string };
  if (exitCodeOf(error) === null) return 'fault';
  if (typeof kind === 'string') return kind;
  if (typeof code === 'string') return code;
  return name === 'SettingsError' ? 'setting' : 'failed';
}
