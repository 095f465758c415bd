/**
 * The quick way to compare a server with the real one:
 *   npx tsx test/oracle/serve.ts --port 4300                                    (keeps one real server running)
 *   npx tsx test/differential/run.ts --only flows --ours http://127.0.0.1:4200/api
 * `--match text` takes only sequences with the text in their names, `--show` prints what was asked and answered,
 * `--list` prints the names, `--twins` says that --ours is a real Prefect server too (is the sequence sound?). Without --ours it shows what the real server says.
 */
import { parseArgs } from 'node:util';
import { explain } from './known.ts';
import { type Found, type Played, play } from './play.ts';
import { fullName, type Sequence } from './sequence.ts';
import { groups } from './sequences/index.ts';

const { values } = parseArgs({
  options: {
    oracle: { type: 'string', default: 'http://127.0.0.1:4300/api' },
    ours: { type: 'string' },
    only: { type: 'string' },
    match: { type: 'string' },
    twins: { type: 'boolean', default: false },
    show: { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
  },
});

const servers = { oracle: values.oracle, ours: values.ours, twins: values.twins };
const wantedGroups = values.only?.split(',');
for (const name of wantedGroups ?? []) {
  if (groups.some((group) => group.name === name)) continue;
  console.error(`There is no group ${name}; there are ${groups.map((group) => group.name).join(', ')}.`);
  process.exit(2);
}

const SHOWN = 8;
let [same, different, explained] = [0, 0, 0];
for (const group of groups) {
  if (wantedGroups && !wantedGroups.includes(group.name)) continue;
  for (const sequence of group.sequences) {
    const name = fullName(group, sequence);
    if (values.match && !name.includes(values.match)) continue;
    if (values.list) console.log(name);
    else await compare(name, sequence);
  }
}
if (!values.list && values.ours) {
  console.log(
    `\n${same} sequences alike, ${different} different; ${explained} differences are known and meant.`,
  );
}
process.exitCode = different > 0 ? 1 : 0;

async function compare(name: string, sequence: Sequence): Promise<void> {
  try {
    report(name, await play(sequence, servers));
  } catch (error) {
    different++;
    console.log(`✗ ${name}\n    could not be played: ${(error as Error).message}`);
  }
}

function report(name: string, played: Played): void {
  const unknown = played.differences.filter((found) => !explain(name, found));
  explained += played.differences.length - unknown.length;
  if (unknown.length > 0) different++;
  else same++;
  console.log(`${unknown.length > 0 ? '✗' : '✓'} ${name}`);
  if (values.show || !values.ours) showTranscript(played);
  for (const found of unknown.slice(0, SHOWN)) showDifference(found);
  if (unknown.length > SHOWN) console.log(`    and ${unknown.length - SHOWN} more`);
}

function showTranscript(played: Played): void {
  for (const [i, { request, sent, oracle, ours }] of played.transcript.entries()) {
    console.log(`    ${i + 1} ${request} ${sent}\n        oracle ${oracle.status} ${oracle.text}`);
    if (ours) console.log(`        ours   ${ours.status} ${ours.text}`);
  }
}

function showDifference({ step, request, sent, at, why, oracle, ours }: Found): void {
  console.log(
    `    ${step} ${request} ${sent.slice(0, 300)}\n      ${at} ${why}\n        oracle ${oracle}\n        ours   ${ours}`,
  );
}
