/** Runs one of `programs/` against a server, in a home of its own, and says what became of each of its scenarios. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cleanEnvironment } from '../oracle/process.ts';
import { PYTHON } from '../oracle/venv.ts';

const PROGRAMS = join(import.meta.dirname, 'programs');
const TIME_LIMIT_MS = 240_000;
const SHOWN = 20_000;

export interface ProgramRun {
  /** Throws the traceback and what the scenario printed, unless it ended well. */
  assertPassed(scenario: string): void;
}

export interface ProgramOptions {
  /** Base of the API, ends with /api. */
  url: string;
  env: Record<string, string>;
  /** Called with everything printed so far, and the program's home, whenever there is more. */
  onOutput?: (output: string, home: string) => void;
}

/** The names that a program gives its scenarios, in order. */
export function scenariosOf(program: string): string[] {
  const text = readFileSync(fileOf(program), 'utf8');
  const names = [...text.matchAll(/^@scenario\("(.+)"\)$/gm)].map(([, name]) => name!);
  if (names.length === 0 || new Set(names).size !== names.length) {
    throw new Error(`${program}.py has no scenarios, or two of one name.`);
  }
  return names;
}

export async function runProgram(program: string, options: ProgramOptions): Promise<ProgramRun> {
  const home = mkdtempSync(join(tmpdir(), 'prefect-client-'));
  const results = join(home, 'scenario-results.json');
  const env = {
    ...cleanEnvironment(),
    PREFECT_HOME: home,
    PREFECT_API_URL: options.url,
    PREFECT_SERVER_ALLOW_EPHEMERAL_MODE: 'false',
    DO_NOT_TRACK: '1',
    PYTHONDONTWRITEBYTECODE: '1',
    PYTHONUNBUFFERED: '1',
    SCENARIO_RESULTS: results,
    ...options.env,
  };
  try {
    const output = await runPython(fileOf(program), home, env, options.onOutput);
    return asRun(program, output, results);
  } finally {
    rmSync(home, { recursive: true, force: true, maxRetries: 3 });
  }
}

const fileOf = (program: string): string => join(PROGRAMS, `${program}.py`);

async function runPython(
  file: string,
  home: string,
  env: Record<string, string | undefined>,
  onOutput: ProgramOptions['onOutput'],
): Promise<string> {
  const child = spawn(PYTHON, [file], {
    cwd: home,
    env: env as NodeJS.ProcessEnv,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  // The whole group, since programs start others.
  const kill = () => {
    try {
      process.kill(-child.pid!, 'SIGKILL');
    } catch {
      // All of it has ended.
    }
  };
  process.once('exit', kill);
  const tooLong = setTimeout(kill, TIME_LIMIT_MS);
  let output = '';
  const keep = (chunk: Buffer) => {
    output += chunk.toString();
    onOutput?.(output, home);
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  try {
    await new Promise((resolve, reject) => child.once('close', resolve).once('error', reject));
  } finally {
    clearTimeout(tooLong);
    process.removeListener('exit', kill);
    kill();
  }
  return output;
}

interface Result {
  failure: string | null;
}

function asRun(program: string, output: string, resultsFile: string): ProgramRun {
  const results = readResults(resultsFile);
  return {
    assertPassed(scenario) {
      const result = results[scenario];
      if (result && result.failure === null) return;
      const printed = sectionOf(output, scenario) ?? output;
      const outcome = result ? result.failure : `${program}.py ended before this scenario did.`;
      throw new Error(`${outcome}\n\nIt printed:\n${printed.slice(-SHOWN)}`);
    },
  };
}

function readResults(file: string): Record<string, Result | undefined> {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Record<string, Result>;
  } catch {
    return {};
  }
}

/** What was printed while the scenario ran. */
function sectionOf(output: string, scenario: string): string | undefined {
  const start = output.indexOf(`=== ${scenario}\n`);
  if (start < 0) return undefined;
  const end = output.indexOf('\n=== ', start + 1);
  return output.slice(start, end < 0 ? undefined : end);
}
