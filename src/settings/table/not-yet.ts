/**
 * Settings of Prefect for what this version can't do, by the beginning of their names: they are read, checked and
 * answered like any other, and whoever sets one is told. Who builds one of these takes its line away.
 */
export const NOT_YET: Record<string, string> = {
  'server.events.expired_bucket_buffer': 'runs no automations',
  'server.events.proactive_granularity': 'runs no automations',
  'server.services.triggers.': 'runs no automations',
  'server.ui.': 'serves no dashboard',
};

/** What this version doesn't do that a setting is for; null for all others. */
export function notYet(name: string): string | null {
  const beginning = Object.keys(NOT_YET).find((one) => name.startsWith(one));
  return beginning === undefined ? null : NOT_YET[beginning]!;
}
