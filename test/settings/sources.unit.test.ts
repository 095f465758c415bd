import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { CLIENT_SETTINGS } from '../../src/settings/client-settings.ts';
import { createWorkplace, type Workplace } from './workplace.ts';

let place: Workplace;
beforeEach(() => {
  place = createWorkplace();
});
afterEach(() => place.remove());

const PROFILES = `active = "home"
[profiles.home]
PREFECT_SERVER_API_PORT = "4206"
[profiles.work]
PREFECT_SERVER_API_PORT = 4207
`;

describe('the order of the sources', () => {
  /** From the lowest to the highest: each one goes before all those above it in this list. */
  const layers: [string, number, () => void][] = [
    ['default', 4200, () => {}],
    [
      'PREFECT_SERVER_API_PORT (profile home of CWD/.prefect/profiles.toml)',
      4206,
      () => place.write('.prefect/profiles.toml', PROFILES),
    ],
    [
      'server.api.port (CWD/pyproject.toml)',
      4205,
      () => place.write('pyproject.toml', '[tool.prefect.server.api]\nport = 4205'),
    ],
    [
      'server.api.port (CWD/prefect.toml)',
      4204,
      () => place.write('prefect.toml', '[server.api]\nport = 4204'),
    ],
    ['PREFECT_SERVER_API_PORT (CWD/.env)', 4203, () => place.write('.env', 'PREFECT_SERVER_API_PORT=4203')],
  ];

  test('a higher source goes before a lower one, and each value knows where it is from', () => {
    for (const [source, port, add] of layers) {
      add();
      const settings = place.read();
      expect(settings.server.api.port).toBe(port);
      expect(settings.sourceOf('server.api.port').replaceAll(place.cwd, 'CWD')).toBe(source);
    }
    const env = { PREFECT_SERVER_API_PORT: '4202' };
    expect(place.read(env).server.api.port).toBe(4202);
    expect(place.read(env).sourceOf('server.api.port')).toBe('PREFECT_SERVER_API_PORT (environment)');
    const flags = [{ flag: '--port', setting: 'server.api.port', value: '4201' }] as const;
    expect(place.read(env, { flags }).server.api.port).toBe(4201);
    expect(place.read(env, { flags }).sourceOf('server.api.port')).toBe('--port (command line)');
  });

  test('a flag that is not given leaves the others alone', () => {
    const flags = [{ flag: '--port', setting: 'server.api.port', value: undefined }] as const;
    expect(place.read({ PREFECT_SERVER_API_PORT: '4202' }, { flags }).server.api.port).toBe(4202);
  });
});

describe('names', () => {
  test.each([
    ['PREFECT_SERVER_API_DEFAULT_LIMIT'],
    ['PREFECT_API_DEFAULT_LIMIT'],
    ['prefect_server_api_default_limit'],
  ])('%s is the default limit', (name) => {
    expect(place.read({ [name]: '7' }).server.api.defaultLimit).toBe(7);
  });

  test("Prefect's old names of the services work", () => {
    const settings = place.read({ PREFECT_API_SERVICES_LATE_RUNS_LOOP_SECONDS: '1.5' });
    expect(settings.server.services.lateRuns.loopSeconds).toBe(1.5);
  });

  test('one setting under two names that differ is refused, and accepted when they agree', () => {
    const env = { PREFECT_SERVER_API_DEFAULT_LIMIT: '7', PREFECT_API_DEFAULT_LIMIT: '8' };
    expect(place.refusal(env)).toBe(
      'PREFECT_SERVER_API_DEFAULT_LIMIT and PREFECT_API_DEFAULT_LIMIT (environment) are the same setting and say different things: keep one of them.',
    );
    expect(place.read({ ...env, PREFECT_API_DEFAULT_LIMIT: '7' }).server.api.defaultLimit).toBe(7);
  });
});

describe('profiles', () => {
  beforeEach(() => place.write('.prefect/profiles.toml', PROFILES));

  test('PREFECT_PROFILE goes before the active one of the file', () => {
    expect(place.read({ PREFECT_PROFILE: 'work' }).server.api.port).toBe(4207);
  });

  test('a profile that is not there is refused, since its database would be another one', () => {
    expect(place.refusal({ PREFECT_PROFILE: 'wrok' })).toBe(
      `PREFECT_PROFILE="wrok" (environment) names a profile that isn't in ${place.cwd}/.prefect/profiles.toml: it has home, work.`,
    );
  });

  test("Prefect's own profiles need not be in the file", () => {
    expect(place.read({ PREFECT_PROFILE: 'ephemeral' }).server.api.port).toBe(4200);
  });

  test('the file is found in PREFECT_HOME, or where PREFECT_PROFILES_PATH says', () => {
    place.write('elsewhere/profiles.toml', PROFILES.replace('4206', '4299'));
    expect(place.read({ PREFECT_HOME: 'elsewhere' }).server.api.port).toBe(4299);
    expect(place.read({ PREFECT_PROFILES_PATH: '~/elsewhere/profiles.toml' }).server.api.port).toBe(4299);
    const env = {
      PREFECT_HOME: 'elsewhere',
      PREFECT_PROFILES_PATH: '$PREFECT_HOME/../.prefect/profiles.toml',
    };
    expect(place.read(env).server.api.port).toBe(4206);
  });
});

describe('files', () => {
  test.each(['prefect.toml', 'pyproject.toml', '.prefect/profiles.toml'])(
    '%s that is broken is refused without its text',
    (file) => {
      place.write(file, 'a = 1\nPREFECT_API_DATABASE_CONNECTION_URL = "postgresql://u:hunter2@h/d\n');
      const message = place.refusal();
      expect(message).toBe(
        `The settings file ${place.cwd}/${file} isn't valid TOML (line 2): correct or remove it.`,
      );
    },
  );

  test('.env fills in placeholders from itself, then from the environment, then from its default', () => {
    const placeholders = ['A', 'B', 'C:-three'].map((name) => `\${${name}}`).join('-');
    place.write('.env', `A=one\nPREFECT_SERVER_API_HOST="${placeholders}"`);
    expect(place.read({ A: 'no', B: 'two' }).server.api.host).toBe('one-two-three');
  });

  test('files of folders above are not read', () => {
    place.write('prefect.toml', '[server.api]\nport = 4204');
    place.write('below/empty', '');
    expect(place.read({}, { cwd: `${place.cwd}/below` }).server.api.port).toBe(4200);
  });
});

describe('names that are almost right', () => {
  test.each([
    ['PREFECT_SERVER_API_PROT', 'did you mean PREFECT_SERVER_API_PORT?'],
    ['PREFECT_SEVER_API_HOST', 'did you mean PREFECT_SERVER_API_HOST?'],
    ['PREFCT_DATABASE_URL', 'did you mean PREFECT_DATABASE_URL?'],
    ['PREFECT_DATABASE_CONNECTION_URL', 'did you mean PREFECT_API_DATABASE_CONNECTION_URL?'],
    ['PREFECT_SERVER_DATABASE_CONECTION_URL', 'did you mean PREFECT_SERVER_DATABASE_CONNECTION_URL?'],
    ['PREFECT_SERVER_DATABASE_URL', 'did you mean PREFECT_DATABASE_URL?'],
  ])('%s: %s', (name, advice) => {
    expect(place.read({ [name]: 'x' }).warnings).toEqual([
      `${name} (environment) isn't a setting: ${advice}`,
    ]);
  });

  test('a name that nobody could mean otherwise is named when it looks like the database', () => {
    expect(place.read({ PREFECT_DATABASE_FLAVOUR: 'x', PREFECT_SERVER_FLAVOUR: 'x' }).warnings).toEqual([
      "PREFECT_DATABASE_FLAVOUR (environment) isn't a setting, so it has no effect.",
    ]);
  });

  test("the client's own settings are none of our business", () => {
    const env = Object.fromEntries(CLIENT_SETTINGS.map((name) => [name, '1']));
    expect(place.read(env).warnings).toEqual([]);
  });

  test('in TOML files too', () => {
    place.write('prefect.toml', '[server.api]\nprot = 1\n[client]\nanything = 2');
    expect(place.read().warnings).toEqual([
      `PREFECT_SERVER_API_PROT (${place.cwd}/prefect.toml) isn't a setting: did you mean PREFECT_SERVER_API_PORT?`,
    ]);
  });

  test('a setting that has no use here is named, unless it says the default', () => {
    expect(place.read({ PREFECT_MESSAGING_BROKER: 'prefect_redis.messaging' }).warnings).toEqual([
      'PREFECT_MESSAGING_BROKER (environment) has no effect: events are handed over in the database.',
    ]);
    expect(place.read({ PREFECT_SERVER_ANALYTICS_ENABLED: 'false' }).warnings).toEqual([]);
  });

  test("a setting for what this version can't do is named, unless it switches that off", () => {
    expect(place.read({ PREFECT_UI_ENABLED: 'true' }).warnings).toEqual([
      'PREFECT_UI_ENABLED (environment) has no effect: this version serves no dashboard.',
    ]);
    expect(place.read({ PREFECT_UI_ENABLED: 'false' }).warnings).toEqual([]);
    expect(place.read().warnings).toEqual([]);
  });
});

describe('defaults that hang on others', () => {
  test("the server's logging level", () => {
    expect(place.read().server.loggingLevel).toBe('INFO');
    expect(place.read({ PREFECT_LOGGING_LEVEL: 'error' }).server.loggingLevel).toBe('ERROR');
    expect(place.read({ PREFECT_DEBUG_MODE: '1' }).server.loggingLevel).toBe('DEBUG');
    const both = { PREFECT_LOGGING_LEVEL: 'ERROR', PREFECT_LOGGING_SERVER_LEVEL: 'WARNING' };
    expect(place.read(both).server.loggingLevel).toBe('WARNING');
  });

  test('what lies in PREFECT_HOME', () => {
    const settings = place.read({ PREFECT_HOME: '~/mine' });
    expect(settings.home).toBe(`${place.cwd}/mine`);
    expect(settings.profilesPath).toBe(`${place.cwd}/mine/profiles.toml`);
    expect(settings.databaseTarget).toMatchObject({ file: `${place.cwd}/mine/prefect.db` });
  });
});
