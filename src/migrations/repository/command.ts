import { MigrationError } from '../errors.ts';

/**
 * What a script of package.json does with its command line, and how it ends: with 1 on a refusal, with 2 on wrong usage.
 * `read` throws what is wrong with the command line.
 */
export async function runCommand<Options extends { help?: boolean }>(
  usage: string,
  read: () => Options,
  run: (options: Options) => Promise<void>,
): Promise<void> {
  const options = attempt(read, usage);
  if (options === null) return;
  if (options.help) return console.log(usage);
  try {
    await run(options);
  } catch (error) {
    if (!(error instanceof MigrationError)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}

function attempt<Options>(read: () => Options, usage: string): Options | null {
  try {
    return read();
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${usage}`);
    process.exitCode = 2;
    return null;
  }
}
