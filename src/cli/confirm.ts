import { createInterface } from 'node:readline/promises';
import { CommandError } from './failure.ts';

export interface Question {
  /** What will happen, as a sentence: `The database will be created.` */
  what: string;
  /** `Upgrade it?` */
  ask: string;
  /** What makes the question needless: `-y`. */
  flag: string;
  json?: boolean | undefined;
}

export const canAsk = (): boolean => process.stdin.isTTY === true && process.stderr.isTTY === true;

/** Returns after a yes. Whoever can't be asked, and whoever says no, ends with 6. */
export async function confirm({ what, ask, flag, json }: Question): Promise<void> {
  const bare = what.replace(/[.]$/, '');
  if (json || !canAsk())
    throw new CommandError(
      'unconfirmed',
      `${bare}, and nobody is there to be asked: add ${flag} to the command.`,
    );
  const dialogue = createInterface({ input: process.stdin, output: process.stderr });
  const said = await dialogue.question(`${bare}. ${ask} [y/N] `);
  dialogue.close();
  if (!/^y(es)?$/i.test(said.trim()))
    throw new CommandError(
      'declined',
      'Nothing was done, since the answer was not yes: run the command again and answer y.',
    );
}
