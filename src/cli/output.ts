import { type Command, Option } from 'commander';

/** Every command that has something to say can say it to a program. */
export interface OutputOptions {
  json?: boolean;
}

/** `--json`: one document on stdout, errors too. */
export const jsonOption = (): Option => new Option('--json', 'print one JSON document');

/** `-o json`, as Prefect spells it. */
export function prefectOutputOption(command: Command): Command {
  const option = new Option('-o, --output <format>', 'the same as --json').choices(['json']);
  return command
    .addOption(jsonOption())
    .addOption(option.hideHelp())
    .hook('preAction', (_program, action) => {
      if (action.getOptionValue('output') === 'json') action.setOptionValue('json', true);
    });
}

/** Whether the command line asks for JSON; looked at before it is parsed, since a mistake in it is told that way too. */
export function wantsJson(args: readonly string[]): boolean {
  const end = args.indexOf('--');
  const options = end < 0 ? args : args.slice(0, end);
  const format = options.findIndex((arg) => arg === '-o' || arg === '--output');
  return options.includes('--json') || options.includes('--output=json') || options[format + 1] === 'json';
}

/** The answer of a command, on stdout. */
export function answer(document: unknown, text: string | readonly string[], { json }: OutputOptions): void {
  if (json) process.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
  else {
    const lines = typeof text === 'string' ? [text] : text;
    process.stdout.write(lines.map((line) => `${line}\n`).join(''));
  }
}

/** What is odd, though the command goes on: on stderr, a line of JSON where nobody reads along. */
export function warn(msg: string): void {
  const line = { level: 'warn', time: new Date().toISOString(), pid: process.pid, msg };
  process.stderr.write(`${process.stderr.isTTY ? msg : JSON.stringify(line)}\n`);
}
