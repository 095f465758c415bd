/** Asks the real Prefect for the dates of all cases: `npx tsx test/schedules/record.ts` writes expansions.json anew. */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { cases } from './cases.ts';

const here = (file: string): string => fileURLToPath(new URL(file, import.meta.url));

const { status, stdout, stderr } = spawnSync(here('../../.venv/bin/python'), [here('expand.py')], {
  input: JSON.stringify(cases),
  encoding: 'utf8',
  maxBuffer: 100_000_000,
});
if (status !== 0) throw new Error(`the real Prefect didn't answer:\n${stderr}`);
const answers = JSON.parse(stdout.slice(stdout.indexOf('[')));
const lines = cases.map((one, i) => JSON.stringify({ ...one, answer: answers[i] }));
writeFileSync(here('expansions.json'), `[\n${lines.join(',\n')}\n]\n`);
console.log(`wrote ${lines.length} expansions`);
