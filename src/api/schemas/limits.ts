/** Limits of what clients may send. They are settings; the values here are Prefect's defaults until the server sets them. */
export const limits = {
  /** Bytes of a run's parameters as JSON; 0 for no limit. */
  parameterBytes: 524_288,
  cacheKeyLength: 2000,
  eventNameLength: 1024,
  labelsOfResource: 500,
  relatedResources: 100,
};
