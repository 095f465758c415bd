import { existsSync, readdirSync, symlinkSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { describeTarget, type PostgresTarget, type SqliteTarget } from '../../src/settings/settings.ts';
import { createWorkplace, type Workplace } from './workplace.ts';

let place: Workplace;
beforeEach(() => {
  place = createWorkplace();
  place.write('data/present.db', '');
});
afterEach(() => place.remove());

const inPlace = (text: string) => text.replaceAll('CWD', place.cwd);
const sqlite = (env: Record<string, string>) => place.read(env).databaseTarget as SqliteTarget;
const postgres = (url: string, env: Record<string, string> = {}) =>
  place.read({ ...env, PREFECT_DATABASE_URL: url }).databaseTarget as PostgresTarget;

describe('SQLite', () => {
  test.each([
    ['sqlite+aiosqlite:///CWD/data/new.db', 'CWD/data/new.db'],
    ['sqlite+aiosqlite:///new.db', 'CWD/new.db'],
    ['sqlite+aiosqlite:///data/new.db', 'CWD/data/new.db'],
    ['sqlite+aiosqlite:///./data/../new.db', 'CWD/new.db'],
    ['sqlite+aiosqlite:///~/new.db', 'CWD/new.db'],
    ['sqlite+aiosqlite:///$PREFECT_HOME/new.db', 'CWD/.prefect/new.db'],
    ['sqlite:///CWD/data/new.db', 'CWD/data/new.db'],
    ['SQLite:///new.db', 'CWD/new.db'],
    ['  sqlite:///new.db\n', 'CWD/new.db'],
    ['sqlite:///my%20file.db', 'CWD/my%20file.db'],
    ['sqlite:///file:CWD/data/my%20file.db?uri=true&mode=rwc', 'CWD/data/my file.db'],
    ['sqlite:///file://CWD/data/new.db?uri=true', 'CWD/data/new.db'],
    ['sqlite:///new.db?timeout=3&check_same_thread=false', 'CWD/new.db'],
    ['sqlite+aiosqlite:///:memory:', ':memory:'],
    ['sqlite+aiosqlite:///file::memory:?cache=shared&uri=true&check_same_thread=false', ':memory:'],
    ['sqlite+aiosqlite:///file::memory:', ':memory:'],
    ['sqlite+aiosqlite:///file:shared?mode=memory&cache=shared&uri=true', ':memory:'],
  ])('%j is the file %s', (url, file) => {
    // The working folder begins with a slash, the fourth one.
    const target = sqlite({ PREFECT_API_DATABASE_CONNECTION_URL: inPlace(url) });
    expect(target.file).toBe(inPlace(file));
  });

  test.each([
    ['data/new.db', 'CWD/data/new.db'],
    ['CWD/data/new.db', 'CWD/data/new.db'],
    ['~/new.db', 'CWD/new.db'],
    [':memory:', ':memory:'],
    ['file::memory:?cache=shared&uri=true&check_same_thread=false', ':memory:'],
  ])('the path %j is the file %s', (path, file) => {
    expect(sqlite({ PREFECT_DATABASE_PATH: inPlace(path) }).file).toBe(inPlace(file));
    const parts = {
      PREFECT_SERVER_DATABASE_DRIVER: 'sqlite+aiosqlite',
      PREFECT_SERVER_DATABASE_NAME: inPlace(path),
    };
    expect(sqlite(parts).file).toBe(inPlace(file));
  });

  test('a link is the file that it leads to, there or not yet', () => {
    for (const name of ['present', 'future']) {
      symlinkSync(`data/${name}.db`, join(place.cwd, `${name}-link.db`));
      const file = inPlace(`CWD/data/${name}.db`);
      expect(sqlite({ PREFECT_DATABASE_PATH: `${name}-link.db` }).file).toBe(file);
      expect(sqlite({ PREFECT_DATABASE_URL: `sqlite:///${name}-link.db` }).file).toBe(file);
    }
  });

  test('the timeout is that of the URL, or the setting', () => {
    expect(sqlite({ PREFECT_DATABASE_URL: 'sqlite:///a.db?timeout=3' }).timeout).toBe(3);
    expect(sqlite({ PREFECT_API_DATABASE_TIMEOUT: '7' }).timeout).toBe(7);
    expect(sqlite({}).timeout).toBe(10);
  });

  test.each([
    ['sqlite+aiosqlite://new.db', 'has too few slashes: SQLite needs three'],
    ['sqlite+aiosqlite://CWD/data/new.db'.replace('CWD', 'data'), 'has too few slashes'],
    [
      'sqlite+aiosqlite:/new.db',
      'must have :// after sqlite+aiosqlite, as in sqlite+aiosqlite:////absolute/path.db',
    ],
    ['sqlite+aiosqlite://', 'names no file'],
    ['sqlite+aiosqlite:///', 'names no file'],
    ['sqlite+aiosqlite:///?cache=shared', 'names no file'],
    ['sqllite:///new.db', 'begins with sqllite://, which is no database: did you mean sqlite://?'],
    ['sqlite+aiosqllite:///new.db', 'did you mean sqlite+aiosqlite://?'],
    [
      'sqlite+pysqlite:///new.db',
      "which Prefect refuses since it isn't asynchronous: write sqlite+aiosqlite://",
    ],
    [
      'sqlite+aiosqlite:///absent/new.db',
      "is in the folder CWD/absent, which doesn't exist: create it, or correct the path.",
    ],
    ['sqlite+aiosqlite:////absent/new.db', "is in the folder /absent, which doesn't exist"],
    ['sqlite+aiosqlite:///tmp/new.db', 'begins with four slashes: sqlite+aiosqlite:////tmp/new.db'],
    ['sqlite+aiosqlite:///data', 'names the folder CWD/data: add the name of the file.'],
    ['sqlite+aiosqlite:///data/', 'names a folder: add the name of the file.'],
    ['sqlite+aiosqlite:///data/present.db/new.db', 'is in CWD/data/present.db, which is a file.'],
    ['sqlite+aiosqlite:///new.db?mode=ro', 'has mode=ro, but a server must be able to write.'],
    ['sqlite+aiosqlite:///new.db?mode=rw', "which doesn't exist, with mode=rw: leave that out to create it."],
    ['sqlite+aiosqlite:///new.db?tiemout=5', 'has the unknown option "tiemout": did you mean timeout?'],
    ['sqlite+aiosqlite:///new.db?timeout=soon', 'must have a timeout above 0 (seconds).'],
    ['sqlite+aiosqlite:///C:\\data\\new.db', "is a Windows path, and this isn't Windows."],
    ['sqlite+aiosqlite:///C:/data/new.db', "is a Windows path, and this isn't Windows."],
    ['sqlite:///file://server/new.db?uri=true', 'is a file: URI that names a host'],
    ['"sqlite+aiosqlite:///new.db"', 'has quotes in its value: leave them out.'],
    ['data/new.db', 'must be a URL; a path goes into PREFECT_DATABASE_PATH.'],
    [':memory:', 'must be a URL; a path goes into PREFECT_DATABASE_PATH.'],
    ['C:\\new.db', 'must be a URL; a path goes into PREFECT_DATABASE_PATH.'],
    ['mysql://me@host/d', 'begins with mysql://, but must be sqlite+aiosqlite:////absolute/path.db'],
    ['', 'is empty: give it a value or unset it.'],
  ])('%j is refused, and nothing is created', (url, problem) => {
    const before = readdirSync(place.cwd, { recursive: true });
    const message = place.refusal({ PREFECT_DATABASE_URL: inPlace(url) });
    expect(message).toMatch(/^PREFECT_DATABASE_URL \(environment\) /);
    expect(message).toContain(inPlace(problem));
    expect(readdirSync(place.cwd, { recursive: true })).toEqual(before);
  });

  test.each([
    ['sqlite:///new.db', 'is a URL: a URL goes into PREFECT_DATABASE_URL.'],
    ['absent/new.db', "is in the folder CWD/absent, which doesn't exist"],
    ['data', 'names the folder CWD/data'],
    [' ', 'is empty: give it a value or unset it.'],
  ])('the path %j is refused', (path, problem) => {
    expect(place.refusal({ PREFECT_DATABASE_PATH: path })).toContain(inPlace(problem));
  });

  test('a Windows path is a path on Windows', () => {
    const message = place.refusal({ PREFECT_DATABASE_PATH: 'C:\\absent\\new.db' }, { platform: 'win32' });
    expect(message).not.toContain('Windows');
    expect(message).toContain("which doesn't exist");
  });

  test("Prefect's home is the one folder that may be missing", () => {
    expect(sqlite({ PREFECT_HOME: '~/new-home' }).file).toBe(`${place.cwd}/new-home/prefect.db`);
    expect(existsSync(`${place.cwd}/new-home`)).toBe(false);
  });
});

describe('PostgreSQL by URL', () => {
  const where = ({ host, port, user, password, database }: PostgresTarget) => ({
    host,
    port,
    user,
    password: password?.reveal() ?? null,
    database,
  });

  test.each([
    ['postgresql+asyncpg://me:secret@host:5433/flows', ['host', 5433, 'me', 'secret', 'flows']],
    ['postgresql://me:secret@host/flows', ['host', 5432, 'me', 'secret', 'flows']],
    ['postgres://me@host/flows', ['host', 5432, 'me', null, 'flows']],
    ['postgresql+asyncpg://me:p%40s%2Fs%25@host/flows', ['host', 5432, 'me', 'p@s/s%', 'flows']],
    ['postgresql+asyncpg://me:a+b?c/d#e:f%@host/flows', ['host', 5432, 'me', 'a+b?c/d#e:f%', 'flows']],
    ['postgresql+asyncpg://me:50%25é%C3%A9@host/flows', ['host', 5432, 'me', '50%éé', 'flows']],
    ['postgresql+asyncpg://me:@host/flows', ['host', 5432, 'me', '', 'flows']],
    ['postgresql+asyncpg://domain%5Cme:x@host/flows', ['host', 5432, 'domain\\me', 'x', 'flows']],
    ['postgresql+asyncpg://me@[::1]:5433/flows', ['::1', 5433, 'me', null, 'flows']],
    [
      'postgresql+asyncpg://me@/flows?host=/var/run/postgresql',
      ['/var/run/postgresql', 5432, 'me', null, 'flows'],
    ],
    ['postgresql:///flows?host=h&user=me&password=a%26b&port=1', ['h', 1, 'me', 'a&b', 'flows']],
  ])('%s', (url, [host, port, user, password, database]) => {
    expect(where(postgres(url))).toEqual({ host, port, user, password, database });
  });

  test('the user is PGUSER or the one of the system when the URL names none', () => {
    expect(postgres('postgresql://host/flows', { PGUSER: 'other' }).user).toBe('other');
    expect(postgres('postgresql://host/flows').user).toBe(userInfo().username);
  });

  test.each([
    ['', { tls: { mode: 'prefer' }, preparedStatements: true, statementTimeout: 10, connectionTimeout: 5 }],
    ['?ssl=require', { tls: { mode: 'require' } }],
    ['?sslmode=verify-full&sslrootcert=system', { tls: { mode: 'verify-full', caFile: null } }],
    ['?sslrootcert=system', { tls: { mode: 'verify-full', caFile: null } }],
    ['?ssl=true', { tls: { mode: 'require' } }],
    ['?sslmode=disable&ssl=false', { tls: { mode: 'disable' } }],
    [
      '?sslmode=verify-ca&sslrootcert=data/present.db',
      { tls: { mode: 'verify-ca', caFile: 'CWD/data/present.db' } },
    ],
    ['?statement_cache_size=0', { preparedStatements: false }],
    ['?prepared_statement_cache_size=0', { preparedStatements: false }],
    ['?prepared_statement_cache_size=500', { preparedStatements: true }],
    ['?command_timeout=60', { statementTimeout: 60 }],
    ['?timeout=2.5', { connectionTimeout: 2.5 }],
    ['?connect_timeout=3', { connectionTimeout: 3 }],
    ['?application_name=my+app', { applicationName: 'my app' }],
    ['?search_path=mine,public', { searchPath: 'mine,public' }],
    [
      '?default_transaction_isolation=read%20committed',
      { sessionParameters: { default_transaction_isolation: 'read committed' } },
    ],
    [
      '?options=-c%20jit%3Doff%20--search_path%3Da%5C%20b',
      { sessionParameters: { jit: 'off', search_path: 'a b' } },
    ],
    ['?channel_binding=require&target_session_attrs=any', { sessionParameters: {} }],
  ])('the options %s', (query, expected) => {
    const target = postgres(`postgresql+asyncpg://me:x@host/flows${query}`);
    expect(target).toMatchObject(JSON.parse(inPlace(JSON.stringify(expected))));
  });

  test('a socket has no TLS', () => {
    expect(postgres('postgresql:///flows?host=/run').tls.mode).toBe('disable');
  });

  test.each([
    [
      'postgresql+psycopg2://me:x@host/d',
      "names the driver postgresql+psycopg2, which Prefect refuses since it isn't asynchronous: write postgresql+asyncpg://.",
    ],
    ['postgresql+psycopg://me:x@host/d', 'write postgresql+asyncpg://.'],
    ['postgresql+asycpg://me:x@host/d', 'did you mean postgresql+asyncpg://?'],
    ['postgressql://me:x@host/d', 'did you mean postgresql://?'],
    ['postgresql:/me:x@host/d', 'must have :// after postgresql'],
    ['postgresql://me:a@b@host/d', 'has an @ too many: one in the user name or password is written %40.'],
    ['postgresql://me:x@host:54x2/d', 'must have a port from 1 to 65535 after its host.'],
    ['postgresql://me:x@host:0/d', 'must have a port from 1 to 65535 after its host.'],
    ['postgresql://me:x@/d', 'names no host: write postgresql+asyncpg://user:password@host:5432/name.'],
    ['postgresql://me:x@host', 'names no database: write its name after the host, as in host:5432/prefect.'],
    ['postgresql://me:x@host/', 'names no database'],
    ['postgresql://me:x@a,b/d', 'names several hosts, but one is allowed.'],
    ['postgresql://me:x@a/d?host=b', 'gives the host twice'],
    ['postgresql://me:x@/d?host=a&host=b', 'gives the option host twice'],
    [
      'postgresql://me:x@host/d?ssl=maybe',
      'has the option ssl, which must be one of disable, allow, prefer, require, verify-ca, verify-full.',
    ],
    ['postgresql://me:x@host/d?ssl=require&sslmode=disable', 'contradicts the other of ssl and sslmode'],
    ['postgresql://me:x@host/d?sslmod=require', 'has the unknown option "sslmod": did you mean sslmode?'],
    ['postgresql://me:x@host/d?foo=1', 'has the unknown option "foo": known are '],
    [
      'postgresql://me:x@host/d?command_timeout=0',
      'has the option command_timeout, which must be a duration above 0',
    ],
    ['postgresql://me:x@host/d?statement_cache_size=-1', 'which must be a whole number, 0 or more.'],
    [
      'postgresql://me:x@host/d?sslrootcert=absent.pem',
      "names the file CWD/absent.pem, which doesn't exist.",
    ],
    ['postgresql://me:x@host/d?sslcert=data/present.db', 'needs both sslcert and sslkey, or neither.'],
    ['postgresql://me:x@host/d?options=jit', 'has the option options, which must be like -c name=value.'],
  ])('%s is refused', (url, problem) => {
    const message = place.refusal({ PREFECT_DATABASE_URL: url });
    expect(message).toMatch(/^PREFECT_DATABASE_URL \(environment\) /);
    expect(message).toContain(inPlace(problem));
  });
});

describe('the password of the setting', () => {
  const url = (name: string) => `postgresql+asyncpg://me:\${${name}}@host/flows`;

  test.each(['PREFECT_SERVER_DATABASE_PASSWORD', 'PREFECT_API_DATABASE_PASSWORD'])(
    'fills in the placeholder %s',
    (name) => {
      const target = postgres(url(name), { PREFECT_API_DATABASE_PASSWORD: 'p@s/s:?#$&' });
      expect(target.password?.reveal()).toBe('p@s/s:?#$&');
      expect(target.host).toBe('host');
    },
  );

  test('is unescaped, as it is when Prefect puts it into the URL', () => {
    const target = postgres(url('PREFECT_SERVER_DATABASE_PASSWORD'), {
      PREFECT_SERVER_DATABASE_PASSWORD: 'p%40ss',
    });
    expect(target.password?.reveal()).toBe('p@ss');
  });

  test('that is asked for and not set is refused', () => {
    expect(place.refusal({ PREFECT_DATABASE_URL: url('PREFECT_SERVER_DATABASE_PASSWORD') })).toBe(
      "PREFECT_DATABASE_URL (environment) asks for PREFECT_SERVER_DATABASE_PASSWORD, which isn't set.",
    );
  });

  test('may be in another source than the URL that asks for it', () => {
    place.write(
      'prefect.toml',
      `[server.database]\nconnection_url = "${url('PREFECT_SERVER_DATABASE_PASSWORD')}"`,
    );
    const high = place.read({ PREFECT_SERVER_DATABASE_PASSWORD: 'x' }).databaseTarget as PostgresTarget;
    expect(high.password?.reveal()).toBe('x');
    place.write('prefect.toml', '[server.database]\npassword = "low"');
    expect(postgres(url('PREFECT_API_DATABASE_PASSWORD')).password?.reveal()).toBe('low');
  });

  test('may be in the .env file together with the URL', () => {
    place.write(
      '.env',
      `PREFECT_DATABASE_URL=${url('PREFECT_SERVER_DATABASE_PASSWORD')}\nPREFECT_SERVER_DATABASE_PASSWORD='p@s"s'`,
    );
    expect((place.read().databaseTarget as PostgresTarget).password?.reveal()).toBe('p@s"s');
  });

  test('that the URL does not ask for is not used, and that is said', () => {
    const settings = place.read({
      PREFECT_DATABASE_URL: 'postgresql://me@host/d',
      PREFECT_SERVER_DATABASE_PASSWORD: 'x',
    });
    expect(settings.warnings).toEqual([
      "PREFECT_SERVER_DATABASE_PASSWORD (environment) isn't used: the URL of the database doesn't ask for it.",
    ]);
    expect((settings.databaseTarget as PostgresTarget).password).toBeNull();
  });
});

describe('PostgreSQL by parts', () => {
  const parts = {
    PREFECT_SERVER_DATABASE_HOST: 'host',
    PREFECT_SERVER_DATABASE_USER: 'me',
    PREFECT_SERVER_DATABASE_NAME: 'flows',
    PREFECT_SERVER_DATABASE_PASSWORD: 'p%40ss',
  };

  test.each<Record<string, string>>([
    { PREFECT_SERVER_DATABASE_DRIVER: 'postgresql+asyncpg' },
    { PREFECT_DATABASE_BACKEND: 'postgres' },
  ])('%j', (backend) => {
    const target = place.read({ ...parts, ...backend }).databaseTarget as PostgresTarget;
    expect(target).toMatchObject({
      backend: 'postgres',
      host: 'host',
      port: 5432,
      user: 'me',
      database: 'flows',
    });
    expect(target.password?.reveal()).toBe('p%40ss');
    expect(describeTarget(target)).toBe('PostgreSQL me@host:5432/flows');
  });

  test('what is missing is named', () => {
    expect(place.refusal({ PREFECT_DATABASE_BACKEND: 'postgres', PREFECT_SERVER_DATABASE_HOST: 'h' })).toBe(
      'PREFECT_DATABASE_BACKEND (environment) asks for PostgreSQL, but there is no PREFECT_DATABASE_URL there, nor PREFECT_SERVER_DATABASE_USER, PREFECT_SERVER_DATABASE_NAME: set either.',
    );
  });

  test('parts of which nothing says the engine never end in a SQLite file', () => {
    expect(place.refusal(parts)).toBe(
      'PREFECT_SERVER_DATABASE_HOST (environment) is set, but nothing there says which engine it belongs to: add PREFECT_DATABASE_BACKEND=postgres, or unset it.',
    );
  });

  test('the pool and the timeouts', () => {
    const target = place.read({
      ...parts,
      PREFECT_DATABASE_BACKEND: 'postgres',
      PREFECT_SQLALCHEMY_POOL_SIZE: '3',
      PREFECT_SERVER_DATABASE_SQLALCHEMY_MAX_OVERFLOW: '-1',
      PREFECT_API_DATABASE_TIMEOUT: '20',
      PREFECT_API_DATABASE_CONNECTION_TIMEOUT: '2',
      PREFECT_SERVER_DATABASE_MIGRATION_TIMEOUT: '600',
      PREFECT_SERVER_DATABASE_SQLALCHEMY_CONNECT_ARGS_STATEMENT_CACHE_SIZE: '0',
      PREFECT_SERVER_DATABASE_SQLALCHEMY_CONNECT_ARGS_APPLICATION_NAME: 'app',
    }).databaseTarget;
    expect(target).toMatchObject({
      poolSize: 3,
      maxOverflow: -1,
      poolRecycle: 3600,
      poolTimeout: 30,
      statementTimeout: 20,
      connectionTimeout: 2,
      migrationTimeout: 600,
      preparedStatements: false,
      applicationName: 'app',
    });
    expect(postgres('postgresql://me@host/d').poolSize).toBe(10);
  });
});

describe('TLS by settings', () => {
  const prefix = 'PREFECT_SERVER_DATABASE_SQLALCHEMY_CONNECT_ARGS_TLS_';
  const url = 'postgresql://me@host/d';
  const enabled = { [`${prefix}ENABLED`]: 'true' };

  test('demands a certificate that we trust', () => {
    const target = postgres(url, { ...enabled, [`${prefix}CA_FILE`]: 'data/present.db' });
    expect(target.tls).toEqual({
      mode: 'verify-full',
      caFile: `${place.cwd}/data/present.db`,
      certFile: null,
      keyFile: null,
    });
    expect(postgres(url, { ...enabled, [`${prefix}CHECK_HOSTNAME`]: 'false' }).tls.mode).toBe('verify-ca');
  });

  test.each([
    [
      { ...enabled, [`${prefix}CA_FILE`]: 'absent' },
      '_CA_FILE="absent" (environment) names the file CWD/absent, which doesn\'t exist.',
    ],
    [
      { ...enabled, [`${prefix}CERT_FILE`]: 'data/present.db' },
      'needs both a certificate and its key for TLS, or neither.',
    ],
    [
      { ...enabled, PREFECT_DATABASE_URL: `${url}?ssl=disable` },
      `says ssl=disable, while ${prefix}ENABLED (environment) asks for TLS.`,
    ],
  ])('%j is refused', (env, problem) => {
    expect(place.refusal({ PREFECT_DATABASE_URL: url, ...env })).toContain(inPlace(problem));
  });

  test('a file without TLS is named as unused', () => {
    const settings = place.read({ PREFECT_DATABASE_URL: url, [`${prefix}CA_FILE`]: 'data/present.db' });
    expect(settings.warnings).toEqual([`${prefix}CA_FILE (environment) isn't used: TLS isn't enabled.`]);
  });
});

describe('contradictions in one source', () => {
  const URL = 'PREFECT_DATABASE_URL';
  const PATH = 'PREFECT_DATABASE_PATH';
  const BACKEND = 'PREFECT_DATABASE_BACKEND';
  const DRIVER = 'PREFECT_SERVER_DATABASE_DRIVER';
  const HOST = 'PREFECT_SERVER_DATABASE_HOST';
  const NAME = 'PREFECT_SERVER_DATABASE_NAME';
  const file = 'sqlite:///a.db';
  const server = 'postgresql://me@host/d';

  test.each([
    [{ [URL]: file, [PATH]: 'a.db' }, `${URL} and ${PATH}`],
    [
      { [URL]: server, PREFECT_API_DATABASE_CONNECTION_URL: file },
      `${URL} and PREFECT_API_DATABASE_CONNECTION_URL`,
    ],
    [{ [URL]: file, [BACKEND]: 'postgres' }, `${URL} and ${BACKEND}`],
    [{ [URL]: server, [BACKEND]: 'sqlite' }, `${URL} and ${BACKEND}`],
    [{ [URL]: server, [DRIVER]: 'sqlite+aiosqlite' }, `${URL} and ${DRIVER}`],
    [{ [URL]: server, [HOST]: 'other' }, `${URL} and ${HOST}`],
    [{ [URL]: server, PREFECT_SERVER_DATABASE_PORT: '5433' }, `${URL} and PREFECT_SERVER_DATABASE_PORT`],
    [{ [URL]: server, PREFECT_SERVER_DATABASE_USER: 'you' }, `${URL} and PREFECT_SERVER_DATABASE_USER`],
    [{ [URL]: server, [NAME]: 'other' }, `${URL} and ${NAME}`],
    [{ [URL]: file, [HOST]: 'host' }, `${URL} and ${HOST}`],
    [{ [URL]: file, [NAME]: 'b.db' }, `${URL} and ${NAME}`],
    [{ [PATH]: 'a.db', [BACKEND]: 'postgres' }, `${PATH} and ${BACKEND}`],
    [{ [PATH]: 'a.db', [DRIVER]: 'postgresql+asyncpg' }, `${PATH} and ${DRIVER}`],
    [{ [PATH]: 'a.db', [HOST]: 'host' }, `${PATH} and ${HOST}`],
    [{ [PATH]: 'a.db', [NAME]: 'b.db' }, `${PATH} and ${NAME}`],
    [{ [BACKEND]: 'sqlite', [DRIVER]: 'postgresql+asyncpg' }, `${BACKEND} and ${DRIVER}`],
    [{ [BACKEND]: 'sqlite', [HOST]: 'host' }, `${BACKEND} and ${HOST}`],
  ])('%j', (env, names) => {
    expect(place.refusal(env)).toMatch(
      new RegExp(`^${names} \\(environment\\) contradict each other \\(.+\\): keep one of them\\.$`),
    );
  });

  test.each<Record<string, string>>([
    { [URL]: file, [BACKEND]: 'sqlite', [NAME]: 'a.db' },
    { [URL]: file, PREFECT_API_DATABASE_CONNECTION_URL: file, [DRIVER]: 'sqlite+aiosqlite' },
    {
      [URL]: server,
      [BACKEND]: 'postgres',
      [HOST]: 'host',
      PREFECT_SERVER_DATABASE_PORT: '5432',
      [NAME]: 'd',
    },
    { [PATH]: 'a.db', [BACKEND]: 'sqlite', [DRIVER]: 'sqlite+aiosqlite', [NAME]: 'a.db' },
  ])('what says the same twice is fine: %j', (env) => {
    expect(place.read(env).warnings).toEqual([]);
  });
});

describe('a higher source replaces the whole group of a lower one', () => {
  test('a path in the environment and a URL in the profile', () => {
    place.write(
      '.prefect/profiles.toml',
      'active = "a"\n[profiles.a]\nPREFECT_API_DATABASE_CONNECTION_URL = "postgresql://me@host/d"',
    );
    expect(place.read().databaseTarget.backend).toBe('postgres');
    const settings = place.read({ PREFECT_DATABASE_PATH: 'a.db' });
    expect(settings.databaseTarget).toMatchObject({ backend: 'sqlite', file: `${place.cwd}/a.db` });
    expect(settings.sourceOf('server.database.connection_url')).toBe('default');
  });

  test('parts of two sources are never mixed', () => {
    place.write(
      '.env',
      'PREFECT_DATABASE_BACKEND=postgres\nPREFECT_SERVER_DATABASE_USER=me\nPREFECT_SERVER_DATABASE_NAME=d\nPREFECT_SERVER_DATABASE_HOST=h',
    );
    expect(place.read().databaseTarget).toMatchObject({ host: 'h' });
    expect(place.refusal({ PREFECT_SERVER_DATABASE_HOST: 'other' })).toContain(
      'nothing there says which engine',
    );
  });

  test("a lower source's password isn't sent to a higher source's host", () => {
    place.write('.env', 'PREFECT_SERVER_DATABASE_PASSWORD=low');
    const parts = {
      PREFECT_DATABASE_BACKEND: 'postgres',
      PREFECT_SERVER_DATABASE_USER: 'me',
      PREFECT_SERVER_DATABASE_NAME: 'd',
      PREFECT_SERVER_DATABASE_HOST: 'h',
    };
    expect((place.read(parts).databaseTarget as PostgresTarget).password).toBeNull();
  });

  test("a higher source's password goes with a lower source's host", () => {
    place.write(
      '.env',
      'PREFECT_DATABASE_BACKEND=postgres\nPREFECT_SERVER_DATABASE_USER=me\nPREFECT_SERVER_DATABASE_NAME=d\nPREFECT_SERVER_DATABASE_HOST=h',
    );
    const target = place.read({ PREFECT_SERVER_DATABASE_PASSWORD: 'x' }).databaseTarget as PostgresTarget;
    expect(target.password?.reveal()).toBe('x');
  });
});
