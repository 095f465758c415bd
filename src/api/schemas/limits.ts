import type { Settings } from '../../settings/settings.ts';

/** Limits of what clients may send: Prefect's defaults, until the server takes them from its settings. */
export const limits = {
  /** Bytes of a run's parameters as JSON; 0 for no limit. */
  parameterBytes: 524_288,
  cacheKeyLength: 2000,
  eventNameLength: 1024,
  labelsOfResource: 500,
  relatedResources: 100,
  scheduledRuns: 50,
};

/** Schemas are built when the code is loaded, before there are settings; so their limits are set afterwards. */
export function takeLimits({ server }: Pick<Settings, 'server'>): void {
  limits.parameterBytes = server.api.maxParameterSize;
  limits.cacheKeyLength = server.tasks.maxCacheKeyLength;
  limits.eventNameLength = server.events.maximumEventNameLength;
  limits.labelsOfResource = server.events.maximumLabelsPerResource;
  limits.relatedResources = server.events.maximumRelatedResources;
  limits.scheduledRuns = server.deploymentScheduleMaxScheduledRuns;
}
