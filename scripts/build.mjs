// Compiles src to dist and the data steps of migrations to dist/data; removes what an earlier build left there, so
// that a deleted module cannot live on.
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readdirSync, rmSync } from 'node:fs';

rmSync('dist', { recursive: true, force: true });
compile('tsconfig.build.json');
const hasDataSteps =
  existsSync('drizzle/data') && readdirSync('drizzle/data').some((name) => name.endsWith('.ts'));
if (hasDataSteps) compile('tsconfig.data.json');
chmodSync('dist/main.js', 0o755);

function compile(project) {
  const tsc = spawnSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', project], {
    stdio: 'inherit',
  });
  if (tsc.status !== 0) process.exit(tsc.status ?? 1);
}
