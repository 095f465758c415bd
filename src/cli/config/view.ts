import { CLIENT_SETTINGS } from '../../settings/client-settings.ts';
import type { Variables } from '../../settings/profiles-file.ts';
import { MASK, maskUrl } from '../../settings/secret.ts';
import { resolveSettings } from '../../settings/settings.ts';
import { answer, type OutputOptions } from '../output.ts';
import { activeProfile } from '../profile/active.ts';

export interface ViewOptions extends OutputOptions {
  showDefaults?: boolean;
  hideSources?: boolean;
  showSecrets?: boolean;
}

interface Line {
  name: string;
  value: string;
  source: string;
}

/** `config view`, with Prefect's spelling of lines and of the JSON document. */
export function viewConfig(options: ViewOptions): void {
  const { showDefaults = false, hideSources = false, showSecrets = false } = options;
  const active = activeProfile();
  const own = resolveSettings()
    .describe({ secrets: showSecrets })
    .filter(({ origin }) => showDefaults || origin !== 'defaults')
    .map(({ name, value, written, origin }) => ({ name, value: written ?? spell(value), source: origin }));
  const all = [...own, ...clientSettings(active.variables, showSecrets)].sort((a, b) =>
    a.name < b.name ? -1 : 1,
  );
  const settings = hideSources ? all.map(({ name, value }) => ({ name, value })) : all;
  const lines = all.map(
    ({ name, value, source }) => `${name}='${value}'${hideSources ? '' : ` (from ${source})`}`,
  );
  answer({ profile: active.name, settings }, [`PREFECT_PROFILE='${active.name}'`, ...lines], options);
}

/** What the client reads of the same sources; files in the folder aside, which are the client's own business. */
function clientSettings(profile: Variables, showSecrets: boolean): Line[] {
  return CLIENT_SETTINGS.flatMap((name) => {
    const [value, source] =
      process.env[name] !== undefined ? [process.env[name], 'env'] : [profile[name], 'profile'];
    if (value === undefined) return [];
    const secret = /_(KEY|AUTH_STRING|CUSTOM_HEADERS)$/.test(name) && !showSecrets;
    return [{ name, value: secret ? MASK : spell(value), source }];
  });
}

/** A value of the profile as it may be shown. */
export function shownValue(name: string, value: unknown, showSecrets: boolean): string {
  const text = spell(value);
  if (showSecrets) return text;
  if (/_(KEY|AUTH_STRING|CUSTOM_HEADERS|PASSWORD)$/.test(name)) return MASK;
  return /DATABASE.*URL$/.test(name) ? maskUrl(text) : text;
}

function spell(value: unknown): string {
  if (value === null) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
