/**
 * Many walks, against servers that run already:
 *   npx tsx test/differential/walk.ts --oracle http://127.0.0.1:4300/api --ours http://127.0.0.1:4200/api --runs 200
 * `--tasks` for the limits of tags (not with Prefect on SQLite), `--seed` plays those again that failed.
 */
import { parseArgs } from 'node:util';
import { deploymentsWalk, tasksWalk } from './walks.ts';

const { values } = parseArgs({
  options: {
    oracle: { type: 'string', default: 'http://127.0.0.1:4300/api' },
    ours: { type: 'string', default: 'http://127.0.0.1:4200/api' },
    runs: { type: 'string', default: '100' },
    seed: { type: 'string' },
    tasks: { type: 'boolean', default: false },
  },
});

const walk = values.tasks ? tasksWalk : deploymentsWalk;
const seed = values.seed === undefined ? {} : { seed: Number(values.seed) };
await walk({ oracle: values.oracle, ours: values.ours }, { numRuns: Number(values.runs), ...seed });
console.log(`${values.runs} walks alike.`);
