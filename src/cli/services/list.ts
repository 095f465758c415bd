import { textTable } from '../../migrations/text-table.ts';
import type { Service } from '../../services/service.ts';
import { services } from '../../services/services.ts';
import { resolveSettings, type Settings } from '../../settings/settings.ts';
import { environmentName } from '../../settings/table.ts';
import { answer, type OutputOptions } from '../output.ts';

/** `services ls`: what a server that is started now would run. When each ran last, the server itself says, at /api/ready?verbose. */
export function listServices(options: OutputOptions): void {
  const settings = resolveSettings();
  const all = services.map((service) => describe(service, settings));
  const rows = all.map(({ name, enabled, every_seconds, description, setting }) => [
    name,
    enabled ? 'on' : 'off',
    `every ${every_seconds} s`,
    description,
    setting,
  ]);
  answer({ services: all }, textTable(rows), options);
}

function describe(service: Service, settings: Settings) {
  return {
    name: service.name,
    enabled: service.enabled(settings),
    every_seconds: service.intervalSeconds(settings),
    description: service.about,
    setting: environmentName(service.setting),
  };
}
