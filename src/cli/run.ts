import { type Command, CommanderError } from 'commander';
import { CommandError, EXIT, reportFailure } from './failure.ts';
import { wantsJson } from './output.ts';
import { createProgram } from './program.ts';

const HELP_WIDTH = 110;

/** Runs the command line and gives the exit code; never throws. */
export async function run(args: readonly string[]): Promise<number> {
  const program = createProgram();
  const json = wantsJson(args);
  for (const command of withSubcommands(program))
    command.exitOverride().configureOutput({
      writeErr: () => {},
      getOutHelpWidth: () => Math.min(process.stdout.columns || HELP_WIDTH, HELP_WIDTH),
    });
  try {
    if (args.length === 0) program.outputHelp();
    else await program.parseAsync(args, { from: 'user' });
    // What a command has found may be a matter of its exit code, though it didn't fail.
    return Number(process.exitCode ?? EXIT.done);
  } catch (error) {
    if (!(error instanceof CommanderError)) return reportFailure(error, { json });
    // --help and --version end this way too.
    return error.exitCode === 0 ? EXIT.done : reportFailure(usageError(error), { json });
  }
}

const withSubcommands = (command: Command): Command[] => [
  command,
  ...command.commands.flatMap(withSubcommands),
];

function usageError({ code, message }: CommanderError): CommandError {
  const text =
    code === 'commander.help'
      ? 'A command is missing'
      : message
          .replace(/^error: /, '')
          .replaceAll('\n', ' ')
          .replace(/^./, (letter) => letter.toUpperCase());
  return new CommandError('usage', `${text.replace(/[.]$/, '')}: see prefect-server --help.`);
}
