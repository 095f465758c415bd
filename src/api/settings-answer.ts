import { float } from '../json/float.ts';
import { Secret } from '../settings/secret.ts';
import type { Settings } from '../settings/settings.ts';
import { definitionOf, propertyOf, type SettingName, settingNames } from '../settings/table.ts';

const MASK = '**********';

/** All settings in the groups that Prefect answers them in; secrets are masked, durations are ISO 8601. */
export function settingsAnswer(settings: Settings): Record<string, unknown> {
  const answer: Record<string, unknown> = {};
  for (const name of settingNames) {
    const path = name.split('.');
    const last = path.pop()!;
    let group = answer;
    for (const key of path) {
      group[key] ??= {};
      group = group[key] as Record<string, unknown>;
    }
    group[last] = shown(name, settingValue(settings, name));
  }
  return answer;
}

function settingValue(settings: Settings, name: SettingName): unknown {
  let value: unknown = settings;
  for (const key of name.split('.')) value = (value as Record<string, unknown>)[propertyOf(key)];
  return value;
}

function shown(name: SettingName, value: unknown): unknown {
  if (value === null || value === undefined) return null;
  if (value instanceof Secret) return MASK;
  if (Array.isArray(value)) return value.join(',');
  const { kind } = definitionOf(name);
  if (kind.name.startsWith('a duration')) return isoDuration(value as number);
  return kind.name.startsWith('a number') ? float(value as number) : value;
}

/** `P7D`, `PT1H30M`, `PT0.5S`: days and what is left of them, as pydantic writes a timedelta. */
export function isoDuration(seconds: number): string {
  const parts = [
    [Math.floor(seconds / 86_400), 'D'],
    [Math.floor((seconds % 86_400) / 3600), 'H'],
    [Math.floor((seconds % 3600) / 60), 'M'],
    [Math.round((seconds % 60) * 1e6) / 1e6, 'S'],
  ] as const;
  const [days, ...clock] = parts.map(([amount, unit]) => (amount === 0 ? '' : `${amount}${unit}`));
  const time = clock.join('');
  return time === '' && days !== '' ? `P${days}` : `P${days}T${time === '' ? '0S' : time}`;
}
