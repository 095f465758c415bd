import { setting } from '../definition.ts';
import { boolean, encryptionKey, filledText, logLevel, number, text } from '../kinds.ts';

const NO_MEMO = 'this server keeps no memo file';

export const general = {
  home: setting(
    filledText,
    '~/.prefect',
    "Prefect's folder: the SQLite database and profiles.toml are in it.",
  ),
  profiles_path: setting(filledText, '$PREFECT_HOME/profiles.toml', 'The file with the profiles.'),
  debug_mode: setting(boolean, false, 'Log everything (level DEBUG).'),
  'logging.level': setting(
    logLevel,
    'INFO',
    'How much is logged, unless PREFECT_SERVER_LOGGING_LEVEL says it.',
  ),

  'server.logging_level': setting(
    logLevel,
    'INFO',
    'How much the server logs (default: PREFECT_LOGGING_LEVEL).',
    {
      aliases: ['PREFECT_LOGGING_SERVER_LEVEL'],
    },
  ),
  'server.analytics_enabled': setting(boolean, false, 'Send usage data to the makers of Prefect.', {
    unused: 'this server sends nothing to anyone',
  }),
  'server.metrics_enabled': setting(boolean, false, 'Serve Prometheus metrics at /api/metrics.', {
    aliases: ['PREFECT_API_ENABLE_METRICS'],
  }),
  'server.log_retryable_errors': setting(boolean, false, 'Log errors that the client will retry.', {
    oldApiName: true,
    unused: 'an outage of the database is logged in any case',
  }),
  'server.register_blocks_on_start': setting(
    boolean,
    true,
    'Register the built-in block types at each start.',
    {
      aliases: ['PREFECT_API_BLOCKS_REGISTER_ON_START'],
    },
  ),
  'server.encryption_key': setting(
    encryptionKey,
    null,
    'The key that blocks are encrypted with; without it one is made, and kept in the database.',
    { aliases: ['ORION_ENCRYPTION_KEY'], secret: true },
  ),
  'server.memoize_block_auto_registration': setting(
    boolean,
    true,
    'Remember which block types are registered.',
    {
      aliases: ['PREFECT_MEMOIZE_BLOCK_AUTO_REGISTRATION'],
      unused: NO_MEMO,
    },
  ),
  'server.memo_store_path': setting(
    filledText,
    '$PREFECT_HOME/memo_store.toml',
    'Where that is remembered.',
    {
      aliases: ['PREFECT_MEMO_STORE_PATH'],
      unused: NO_MEMO,
    },
  ),

  'server.ephemeral.enabled': setting(boolean, false, 'Whether a client may start a server of its own.', {
    aliases: ['PREFECT_SERVER_ALLOW_EPHEMERAL_MODE'],
  }),
  'server.ephemeral.startup_timeout_seconds': setting(
    number({ min: 0 }),
    20,
    'How long a client waits for its own server.',
  ),

  'server.ui.enabled': setting(boolean, true, 'Serve the dashboard.', { aliases: ['PREFECT_UI_ENABLED'] }),
  'server.ui.v2_enabled': setting(boolean, true, 'Open the new dashboard when the browser remembers none.'),
  'server.ui.api_url': setting(filledText, null, 'The API that the dashboard talks to.', {
    aliases: ['PREFECT_UI_API_URL'],
  }),
  'server.ui.serve_base': setting(text, '/', 'The path under which the dashboard is served.', {
    aliases: ['PREFECT_UI_SERVE_BASE'],
  }),
  'server.ui.static_directory': setting(filledText, null, "The folder of the dashboard's files.", {
    aliases: ['PREFECT_UI_STATIC_DIRECTORY'],
  }),
  'server.ui.show_promotional_content': setting(boolean, true, 'Show promotional content in the dashboard.'),
};
