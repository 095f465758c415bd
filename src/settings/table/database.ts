import { setting } from '../definition.ts';
import { boolean, filledText, integer, number, oneOf, secret } from '../kinds.ts';

/** Which database: these settings are one group, and a higher source replaces the whole group of a lower one. */
export const databaseTarget = {
  'database.backend': setting(oneOf('sqlite', 'postgres'), null, 'The engine.'),
  'database.path': setting(filledText, null, 'The SQLite file.'),
  'database.url': setting(secret, null, 'The whole address of the database.', { secret: true }),
  'database.migration_url': setting(
    secret,
    null,
    'The address for migrations, where PREFECT_DATABASE_URL is that of a pooler such as PgBouncer.',
    { secret: true },
  ),
  'server.database.connection_url': setting(
    secret,
    null,
    "The whole address of the database, in Prefect's spelling.",
    {
      oldApiName: true,
      secret: true,
    },
  ),
  'server.database.driver': setting(
    oneOf('postgresql+asyncpg', 'sqlite+aiosqlite'),
    null,
    'The engine, when the address is given in parts.',
    { oldApiName: true },
  ),
  'server.database.host': setting(filledText, null, 'The PostgreSQL server.', { oldApiName: true }),
  'server.database.port': setting(integer({ min: 1, max: 65_535 }), null, 'Its port (default 5432).', {
    oldApiName: true,
  }),
  'server.database.user': setting(filledText, null, 'The user to connect as.', { oldApiName: true }),
  'server.database.name': setting(filledText, null, 'The name of the database; the file on SQLite.', {
    oldApiName: true,
  }),
  'server.database.password': setting(
    secret,
    null,
    'The password: a URL may hold its name as a placeholder instead.',
    {
      oldApiName: true,
      secret: true,
    },
  ),
};

const UNUSED_ECHO = 'this server does not log statements';

export const database = {
  ...databaseTarget,
  'server.database.echo': setting(boolean, false, 'Log every statement.', {
    oldApiName: true,
    unused: UNUSED_ECHO,
  }),
  'server.database.migrate_on_start': setting(boolean, true, 'Bring the database up to date at each start.', {
    oldApiName: true,
  }),
  'database.backup': setting(
    boolean,
    true,
    'Copy an SQLite database before a migration that rebuilds or loses something.',
  ),
  'database.backups_kept': setting(
    integer({ min: 1 }),
    3,
    'How many of these copies stay beside the database.',
  ),
  'server.database.timeout': setting(
    number({ above: 0 }),
    10,
    'Seconds that a statement may take (PostgreSQL), or wait for a lock (SQLite).',
    { oldApiName: true },
  ),
  'server.database.connection_timeout': setting(
    number({ above: 0 }),
    5,
    'Seconds that connecting may take.',
    {
      oldApiName: true,
    },
  ),
  'server.database.migration_timeout': setting(
    number({ above: 0 }),
    null,
    'Seconds that a statement of a migration may take (default: no limit).',
  ),
  'server.database.sqlalchemy.pool_size': setting(
    integer({ min: 1 }),
    10,
    'Connections kept to PostgreSQL.',
    {
      aliases: ['PREFECT_SQLALCHEMY_POOL_SIZE'],
    },
  ),
  'server.database.sqlalchemy.max_overflow': setting(
    integer({ min: -1 }),
    10,
    'Connections opened beyond the pool size when all are busy; -1: any number.',
    { aliases: ['PREFECT_SQLALCHEMY_MAX_OVERFLOW'] },
  ),
  'server.database.sqlalchemy.pool_recycle': setting(
    integer({ min: -1 }),
    3600,
    'Seconds after which a connection is replaced; -1: never.',
  ),
  'server.database.sqlalchemy.pool_timeout': setting(
    number({ min: 0 }),
    30,
    'Seconds to wait for a free connection.',
  ),
  'server.database.sqlalchemy.connect_args.application_name': setting(
    filledText,
    null,
    'The name that PostgreSQL shows for our connections.',
  ),
  'server.database.sqlalchemy.connect_args.search_path': setting(
    filledText,
    null,
    'The schemas that PostgreSQL looks in; keep public in it for pg_trgm.',
  ),
  'server.database.sqlalchemy.connect_args.statement_cache_size': setting(
    integer({ min: 0 }),
    null,
    'Prepared statements kept for each connection; 0 for PgBouncer in transaction mode.',
  ),
  'server.database.sqlalchemy.connect_args.prepared_statement_cache_size': setting(
    integer({ min: 0 }),
    null,
    'The same; 0 in either turns prepared statements off.',
  ),
  'server.database.sqlalchemy.connect_args.tls.enabled': setting(
    boolean,
    false,
    'Demand TLS and a certificate that we trust.',
  ),
  'server.database.sqlalchemy.connect_args.tls.ca_file': setting(
    filledText,
    null,
    'The certificate authority to trust.',
  ),
  'server.database.sqlalchemy.connect_args.tls.cert_file': setting(filledText, null, 'Our own certificate.'),
  'server.database.sqlalchemy.connect_args.tls.key_file': setting(
    filledText,
    null,
    'The key of our own certificate.',
  ),
  'server.database.sqlalchemy.connect_args.tls.check_hostname': setting(
    boolean,
    true,
    "Check that the certificate bears the server's name.",
  ),
};
