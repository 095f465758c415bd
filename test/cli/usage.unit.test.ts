import { readdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { Command, type Ended, parseLines } from './process.ts';

let command: Command | undefined;
afterEach(async () => {
  await command?.remove();
  command = undefined;
});

function run(args: readonly string[], env: Record<string, string> = {}): Promise<Ended> {
  command = new Command(args, env);
  return command.ended;
}

describe('help and version', () => {
  test.each([
    [
      ['--help'],
      /^Usage: prefect-server \[options\] \[command\]\n.*\n {2}start \[options\] .*PREFECT_DATABASE_URL/s,
    ],
    [[], /^Usage: prefect-server /s],
    [
      ['start', '--help'],
      /^Usage: prefect-server start .*--port <number> .*\[PREFECT_SERVER_API_PORT, 4200\]/s,
    ],
    [['server', 'start', '--help'], /^Usage: prefect-server server start /s],
    [['database', 'upgrade', '--help'], /^Usage: prefect-server database upgrade .*-y, --yes/s],
    [
      ['services', 'ls'],
      /^scheduler +on +every 60 s .*\nlate_runs +on +every 5 s .*PREFECT_SERVER_SERVICES_LATE_RUNS_ENABLED/s,
    ],
    [
      ['server', 'services', 'ls', '--json'],
      /^\{\n {2}"services": \[.*"name": "late_runs",\n +"enabled": true,/s,
    ],
    [['--version'], /^\d+\.\d+\.\d+\n$/],
    [['version'], /^prefect-server \d+\.\d+\.\d+\nPrefect +3\.8\.8\nNode +\d/],
  ])('%j goes to stdout and touches nothing', async (args, expected) => {
    const { code, stdout, stderr } = await run(args);
    expect(stdout).toMatch(expected);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(readdirSync(command!.folder)).toEqual([]);
  });
});

test('services ls says what the settings switch off and how often the rest comes', async () => {
  const { stdout } = await run(['services', 'ls', '--json'], {
    PREFECT_SERVER_SERVICES_LATE_RUNS_ENABLED: 'false',
    PREFECT_API_SERVICES_PAUSE_EXPIRATIONS_LOOP_SECONDS: '7',
  });
  const { services } = JSON.parse(stdout) as { services: { name: string }[] };
  const by = (name: string) => services.find((service) => service.name === name);
  expect(by('late_runs')).toMatchObject({ enabled: false });
  expect(by('pause_expirations')).toMatchObject({ enabled: true, every_seconds: 7 });
});

/** A failure is one line, one sentence, no stack, and nothing is created. */
async function failure(
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<[number | null, string]> {
  const { code, stdout, stderr } = await run(args, env);
  expect(stdout).toBe('');
  const lines = parseLines(stderr);
  expect(lines).toHaveLength(1);
  expect(lines[0]).not.toHaveProperty('stack');
  expect(readdirSync(command!.folder)).toEqual([]);
  return [code, lines[0]!.msg];
}

describe('wrong usage and settings end with 2', () => {
  test.each<[string[], Record<string, string>, string]>([
    [['strat'], {}, "Unknown command 'strat' (Did you mean start?): see prefect-server --help."],
    [
      ['start', '--prot', '1'],
      {},
      "Unknown option '--prot' (Did you mean --port?): see prefect-server --help.",
    ],
    [['start', 'now'], {}, 'Too many arguments'],
    [['start', '--port'], {}, "Option '--port <number>' argument missing: see prefect-server --help."],
    [['database'], {}, 'A command is missing: see prefect-server --help.'],
    [['start', '--port', 'x'], {}, '--port="x" (command line) must be a whole number from 0 to 65535.'],
    [['start', '--log-level', 'x'], {}, '--log-level="x" (command line) must be one of DEBUG'],
    [
      ['start'],
      { PREFECT_SERVER_API_PORT: '-1' },
      'PREFECT_SERVER_API_PORT="-1" (environment) must be a whole number',
    ],
    [
      ['start'],
      { PREFECT_DATABASE_URL: 'sqlite:////absent/a.db' },
      "is in the folder /absent, which doesn't exist",
    ],
    [['database', 'upgrade'], { PREFECT_DATABASE_URL: 'sqlite://a.db' }, 'has too few slashes'],
    [
      ['start', '--host', 'no.such.host.invalid'],
      {},
      'no.such.host.invalid, from --host (command line), is no address of this machine',
    ],
  ])('%j %j', async (args, env, sentence) => {
    const [code, message] = await failure(args, env);
    expect(message).toContain(sentence);
    expect(code).toBe(2);
  });
});

test('a busy port is found before the database is touched', async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const { port } = other.address() as { port: number };
  const [code, message] = await failure(['start', '--port', String(port)]);
  expect(message).toBe(
    `Port ${port} on 127.0.0.1 is in use by another program: stop that one, or choose another port with --port.`,
  );
  expect(code).toBe(1);
  await new Promise((resolve) => other.close(resolve));
});

test('nobody is asked where nobody can answer', async () => {
  const [code, message] = await failure(['database', 'upgrade']);
  expect(message).toMatch(
    /^SQLite .*\/\.prefect\/prefect\.db will be created, and nobody is there to be asked: add -y/,
  );
  expect(code).toBe(6);
});
