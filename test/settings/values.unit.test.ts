import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createWorkplace, type Workplace } from './workplace.ts';

let place: Workplace;
beforeAll(() => {
  place = createWorkplace();
});
afterAll(() => place.remove());

describe('wrong values', () => {
  test.each([
    ['PREFECT_SERVER_API_PORT', 'abc', 'must be a whole number from 0 to 65535.'],
    ['PREFECT_SERVER_API_PORT', '65536', 'must be a whole number from 0 to 65535.'],
    ['PREFECT_SERVER_API_PORT', '', 'must be a whole number from 0 to 65535.'],
    ['PREFECT_SERVER_API_PORT', '4.5', 'must be a whole number from 0 to 65535.'],
    ['PREFECT_SERVER_API_PORT', '0x10', 'must be a whole number from 0 to 65535.'],
    ['PREFECT_SERVER_API_HOST', ' ', 'is empty: give it a value or unset it.'],
    ['PREFECT_SERVER_API_BASE_PATH', 'v2/', 'must be a path like /v2/api: a slash first, none last.'],
    ['PREFECT_SERVER_API_BASE_PATH', '/', 'must be a path like /v2/api: a slash first, none last.'],
    ['PREFECT_SERVER_API_CSRF_PROTECTION_ENABLED', 'maybe', 'must be true or false.'],
    ['PREFECT_LOGGING_LEVEL', 'LOUD', 'must be one of DEBUG, INFO, WARNING, ERROR, CRITICAL.'],
    ['PREFECT_DATABASE_BACKEND', 'mysql', 'must be one of sqlite, postgres.'],
    ['PREFECT_SERVER_DATABASE_MIGRATION_TIMEOUT', '0', 'must be a number above 0.'],
    ['PREFECT_SERVER_DATABASE_TIMEOUT', 'inf', 'must be a number above 0.'],
    ['PREFECT_SERVER_DATABASE_TIMEOUT', 'nan', 'must be a number above 0.'],
    [
      'PREFECT_EVENTS_RETENTION_PERIOD',
      'soon',
      'must be a duration, 0 or more (seconds, "1:30:00", "7 days" or "PT1H30M").',
    ],
    [
      'PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED',
      'events,blobs',
      'must be a comma-separated list of events, flow_runs, orphans.',
    ],
    [
      'PREFECT_SERVER_SERVICES_DB_VACUUM_EVENT_RETENTION_OVERRIDES',
      '[1]',
      'must be JSON like {"prefect.flow-run.heartbeat": 604800}.',
    ],
  ])('%s=%j %s', (name, value, problem) => {
    expect(place.refusal({ [name]: value })).toBe(
      `${name}=${JSON.stringify(value)} (environment) ${problem}`,
    );
  });

  test('the sentence names a flag or a key of a file as the user wrote it', () => {
    const flags = [{ flag: '--port', setting: 'server.api.port', value: 'x' }] as const;
    expect(place.refusal({}, { flags })).toMatch(/^--port="x" \(command line\) must be a whole number/);
    place.write('prefect.toml', '[server.api]\nport = true');
    expect(place.refusal()).toMatch(/^server\.api\.port=true \(\S+prefect\.toml\) must be a whole number/);
    place.write('prefect.toml', '');
  });
});

describe('right values', () => {
  test.each([
    ['4200', 4200],
    [' 42 ', 42],
    ['4_200', 4200],
    ['42.0', 42],
  ])('%j is the number %d, as it is for Prefect', (text, value) => {
    expect(place.read({ PREFECT_SERVER_API_PORT: text }).server.api.port).toBe(value);
  });

  test.each([
    ['true', true],
    ['T', true],
    ['on', true],
    ['YES', true],
    ['1', true],
    ['0', false],
    ['off', false],
    ['n', false],
  ])('%j is %s', (text, value) => {
    expect(place.read({ PREFECT_SERVER_UI_ENABLED: text }).server.ui.enabled).toBe(value);
  });

  test.each([
    ['3600', 3600],
    ['0.5', 0.5],
    ['1:00:00', 3600],
    ['01:30', 5400],
    ['00:15:00.5', 900.5],
    ['P1D', 86_400],
    ['PT1H30M', 5400],
    ['P1W', 604_800],
    ['7 days', 604_800],
    ['7 days, 0:00:01', 604_801],
    ['1d', 86_400],
  ])('the duration %j is %d seconds', (text, seconds) => {
    expect(place.read({ PREFECT_EVENTS_RETENTION_PERIOD: text }).server.events.retentionPeriod).toBe(seconds);
  });

  test.each([
    ['true', ['events', 'flow_runs', 'orphans']],
    ['false', ['events']],
    ['flow_runs', ['flow_runs', 'orphans']],
    ['events, orphans', ['events', 'orphans']],
    ['["events", "orphans"]', ['events', 'orphans']],
  ])('the vacuum set to %j deletes %j', (text, types) => {
    const env = { PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED: text };
    expect(place.read(env).server.services.dbVacuum.enabled).toEqual(types);
  });

  test('lists and JSON', () => {
    const settings = place.read({
      PREFECT_SERVER_CORS_ALLOWED_ORIGINS: 'https://a.example, https://b.example',
      PREFECT_SERVER_SERVICES_DB_VACUUM_EVENT_RETENTION_OVERRIDES: '{"a.b": "P1D", "c": 5}',
    });
    expect(settings.server.api.corsAllowedOrigins).toEqual(['https://a.example', 'https://b.example']);
    expect(settings.server.services.dbVacuum.eventRetentionOverrides).toEqual({ 'a.b': 86_400, c: 5 });
  });
});

describe('secrets', () => {
  const env = {
    PREFECT_SERVER_API_AUTH_STRING: 'admin:hunter2',
    PREFECT_API_DATABASE_CONNECTION_URL: 'postgresql+asyncpg://me:hunter2@h/d?ssl=disable&password=hunter2',
    PREFECT_API_DATABASE_PASSWORD: 'hunter2',
  };

  test('are never shown, however the settings are printed', () => {
    const settings = place.read(env);
    expect(settings.server.api.authString?.reveal()).toBe('admin:hunter2');
    const shown = [
      inspect(settings, { depth: null, showHidden: true }),
      JSON.stringify(settings),
      JSON.stringify(settings.describe()),
      String(settings.server.api.authString),
      `${(settings.databaseTarget as { password: unknown }).password}`,
      JSON.stringify(settings.warnings),
    ];
    for (const text of shown) expect(text).not.toContain('hunter2');
  });

  test('the address of the database is described without its password', () => {
    const { value } = place
      .read(env)
      .describe()
      .find(({ name }) => name === 'PREFECT_SERVER_DATABASE_CONNECTION_URL')!;
    expect(value).toBe('postgresql+asyncpg://me:***@h/d?ssl=disable&password=***');
  });

  test.each([
    'postgresql+asyncpg://me:hunter2@host:99999/d',
    'postgresql+asyncpg://me:hunter2@x@host/d',
    'postgresql+psycopg2://me:hunter2@host/d',
    'mysql://me:hunter2@host/d',
    'postgresql:me:hunter2@host/d',
    'postgresql://me:5432:hunter2',
    'me:hunter2@host/d',
    'postgresql://me:hunter2@host/d?sslmode=maybe',
  ])('a wrong URL is refused without it: %s', (url) => {
    expect(place.refusal({ PREFECT_DATABASE_URL: url })).not.toContain('hunter2');
  });

  test('an empty auth string opens the API, and that is said', () => {
    const settings = place.read({ PREFECT_SERVER_API_AUTH_STRING: '' });
    expect(settings.server.api.authString).toBeNull();
    expect(settings.warnings).toEqual([
      'PREFECT_SERVER_API_AUTH_STRING (environment) is empty, so the API is open to everybody who reaches it.',
    ]);
  });
});
