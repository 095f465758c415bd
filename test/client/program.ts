/** Runs the programs of test/client/programs, each in a process and a PREFECT_HOME of its own. */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cleanEnvironment } from '../oracle/process.ts';
import { PYTHON, ROOT } from '../oracle/venv.ts';

const FOLDER = join(ROOT, 'test/client/programs');
const TIME_LIMIT_MS = 240_000;

export interface Outcome {
  /** The traceback of a scenario that failed, null of one that went well. */
  failures: Map<string, string | null>;
  output: string;
}

/** The names of a program's scenarios, in their order, as its text has them. */
export function scenariosOf(program: string): string[] {
  const text = readFileSync(join(FOLDER, `${program}.py`), 'utf8');
  return [...text.matchAll(/^@scenario\("(.+)"\)$/gm)].map((match) => match[1]!);
}

export async function runProgram(program: string, apiUrl: string, database: string): Promise<Outcome> {
  const home = mkdtempSync(join(tmpdir(), 'prefect-client-'));
  const results = join(home, 'results.json');
  try {
    const output = await runPython(join(FOLDER, `${program}.py`), {
      ...cleanEnvironment(),
      PREFECT_HOME: home,
      PREFECT_API_URL: apiUrl,
      PREFECT_SERVER_ALLOW_EPHEMERAL_MODE: 'false',
      DO_NOT_TRACK: '1',
      PYTHONDONTWRITEBYTECODE: '1',
      PYTHONUNBUFFERED: '1',
      DATABASE: database,
      SCENARIO_RESULTS: results,
    });
    return { failures: readResults(results), output };
  } finally {
    rmSync(home, { recursive: true, force: true, maxRetries: 3 });
  }
}

function readResults(file: string): Outcome['failures'] {
  if (!existsSync(file)) return new Map();
  const results: Record<string, { failure: string | null }> = JSON.parse(readFileSync(file, 'utf8'));
  return new Map(Object.entries(results).map(([name, { failure }]) => [name, failure]));
}

function runPython(file: string, env: Record<string, string | undefined>): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(PYTHON, [file], {
      env: env as NodeJS.ProcessEnv,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    const keep = (chunk: Buffer) => {
      output += chunk.toString();
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    // The program's own children too.
    const endGroup = () => process.kill(-child.pid!, 'SIGKILL');
    const tooLong = setTimeout(endGroup, TIME_LIMIT_MS);
    child.once('error', reject);
    child.once('close', () => {
      clearTimeout(tooLong);
      resolve(output);
    });
  });
}
