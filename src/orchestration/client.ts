/** What the API version of a client says about what it does by itself; without one it is taken for the newest. */
export interface Client {
  readonly knowsPauses: boolean;
  readonly retriesItsTasks: boolean;
}

export const newestClient: Client = { knowsPauses: true, retriesItsTasks: true };

/** `version` is the header X-PREFECT-API-VERSION, which has been checked to be three numbers. */
export function clientOf(version: string | undefined): Client {
  if (!version) return newestClient;
  const number = rank(version);
  return { knowsPauses: number >= rank('0.8.4'), retriesItsTasks: number >= rank('0.8.3') };
}

function rank(version: string): number {
  return version.split('.').reduce((sum, part) => sum * 10_000 + Number(part), 0);
}
