import { type Diagnosis, exitCodeOf, type Finding, isFixable } from './findings.ts';

/** For a person: what is wrong, the gravest first, each with what to do. */
export function diagnosisText({ place, engine, revision, findings }: Diagnosis): string {
  const head = `${place}, ${engine}, revision ${revision ?? 'base'}`;
  if (findings.length === 0) return `${head}\n\nAll is as it should be.\n`;
  return `${[head, ...findings.map(findingText), summary(findings)].join('\n\n')}\n`;
}

/** For a program. */
export function diagnosisJson({ place, engine, revision, findings }: Diagnosis): object {
  return {
    ...{ place, engine, revision, exit_code: exitCodeOf(findings) },
    findings: findings.map((finding) => ({ ...finding, fixable: isFixable(finding) })),
  };
}

function findingText(finding: Finding): string {
  const { severity, object, problem, expected, found, advice, fix, files } = finding;
  const line = (word: string, text: string) =>
    `  ${word.padEnd(9)} ${text.replaceAll('\n', `\n${' '.repeat(12)}`)}`;
  return [
    `${severity}: ${object} ${problem}`,
    ...(expected === null ? [] : [line('expected', expected)]),
    ...(found === null ? [] : [line('found', found)]),
    ...(isFixable(finding)
      ? [line('--fix', [...fix.map((one) => `${one};`), ...files.map((file) => `rm ${file}`)].join('\n'))]
      : [line('do', advice)]),
  ].join('\n');
}

function summary(findings: readonly Finding[]): string {
  const count = (severity: Finding['severity'], word: string) => {
    const n = findings.filter((finding) => finding.severity === severity).length;
    return n === 0 ? [] : [`${n} ${word}${n === 1 ? '' : 's'}`];
  };
  const counts = [...count('error', 'error'), ...count('warning', 'warning'), ...count('notice', 'notice')];
  const fixable = findings.filter(isFixable).length;
  const fix = `run prefect-server database doctor --fix to put ${fixable === 1 ? 'one' : fixable} of them right`;
  return `${counts.join(', ')}${fixable > 0 ? `; ${fix}` : ''}.`;
}
