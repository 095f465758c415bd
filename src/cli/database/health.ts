import { diagnose } from '../../migrations/doctor/doctor.ts';
import { exitCodeOf, isFixable } from '../../migrations/doctor/findings.ts';
import { type FixResult, fix } from '../../migrations/doctor/fix.ts';
import { diagnosisJson, diagnosisText } from '../../migrations/doctor/report.ts';
import { confirm } from '../confirm.ts';
import { answer, type OutputOptions } from '../output.ts';
import { openContext } from './context.ts';

/** `database check`: one line, and an exit code for scripts. */
export async function checkDatabase(flags: OutputOptions): Promise<void> {
  const { target, database } = await openContext();
  const { findings, revision } = await diagnose(target);
  const serious = findings.filter(({ severity }) => severity !== 'notice');
  const exitCode = exitCodeOf(findings);
  const document = {
    database,
    revision,
    exit_code: exitCode,
    findings: serious.map(({ code, object, problem, advice }) => ({ code, object, problem, advice })),
  };
  const lines = serious.map(({ object, problem, advice }) => `${object} ${problem}: ${advice}.`);
  answer(
    document,
    lines.length > 0 ? lines : `${database} is at the head, ${revision}, and as it should be.`,
    flags,
  );
  process.exitCode = exitCode;
}

export interface DoctorFlags extends OutputOptions {
  fix?: boolean;
  deep?: boolean;
  yes?: boolean;
}

/** `database doctor`: all that is wrong, and what to do; `--fix` does what can lose nothing. */
export async function examineDatabase({ deep = false, ...flags }: DoctorFlags): Promise<void> {
  const { target, database, reporter } = await openContext();
  let diagnosis = await diagnose(target, { deep });
  let fixed: FixResult[] = [];
  const fixable = diagnosis.findings.filter(isFixable);
  if (flags.fix && fixable.length > 0) {
    if (!flags.yes)
      await confirm({
        what: `${fixable.length} of the findings in ${database} will be put right.`,
        ask: 'Go on?',
        flag: '-y',
        json: flags.json,
      });
    fixed = await fix(target, fixable, { reporter });
    diagnosis = await diagnose(target, { deep });
  }
  const done = fixed.map(({ finding, error }) => ({ code: finding.code, object: finding.object, error }));
  answer({ ...diagnosisJson(diagnosis), fixed: done }, diagnosisText(diagnosis).trimEnd(), flags);
  process.exitCode = exitCodeOf(diagnosis.findings);
}
