/** `npm run openapi:check`: our document against Prefect's, operation by operation. */
import { readFileSync } from 'node:fs';
import { openApiText } from '../../src/api/openapi.ts';
import { allRoutes } from '../../src/api/routers.ts';
import { compareFacts } from './compare.ts';
import { type Facts, factsOf } from './facts.ts';
import { type Known, knownDifferences, notBuilt, reasonFor } from './known.ts';

const recorded = new URL('fixtures/prefect-3.8.8.json', import.meta.url);
const prefect = JSON.parse(readFileSync(recorded, 'utf8')) as Facts;
const found = compareFacts(prefect, factsOf(JSON.parse(openApiText(allRoutes))));

const used = new Set<Known>();
let failures = 0;

function report(text: string, reason: string | undefined): void {
  if (reason === undefined) failures++;
  console.log(
    `${reason === undefined ? '✗' : ' '} ${text}${reason === undefined ? '' : `\n      ${reason}`}`,
  );
}

console.log(`${found.built.length} of ${Object.keys(prefect.operations).length} operations are built.`);
if (found.missing.length > 0) console.log('\nMissing:');
for (const name of found.missing) report(name, reasonFor(notBuilt, name, used));
if (found.extra.length > 0) console.log('\nNot of Prefect:');
for (const name of found.extra) report(name, undefined);
if (found.differences.length > 0) console.log('\nDifferent:');
for (const { at, prefect: theirs, ours } of found.differences) {
  report(
    `${at}\n      Prefect ${theirs.slice(0, 200)}\n      here    ${ours.slice(0, 200)}`,
    reasonFor(knownDifferences, at, used),
  );
}
for (const entry of [...knownDifferences, ...notBuilt]) {
  if (!used.has(entry))
    report(`Nothing needs ${entry.at} in test/openapi/known.ts: take it away.`, undefined);
}
console.log(failures === 0 ? '\nEvery difference has its reason.' : `\n${failures} without a reason.`);
process.exitCode = failures > 0 ? 1 : 0;
