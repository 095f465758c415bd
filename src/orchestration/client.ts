/** What the sender of a request does by itself; without a version it is taken for the newest. */
export interface Client {
  readonly knowsPauses: boolean;
  readonly retriesItsTasks: boolean;
  /** From 3.4.11 on a client renews the lease of its deployment's slot. Who doesn't say what it is, doesn't. */
  readonly renewsLeases: boolean;
  /** The workers of 3.0.0 to 3.0.3 take the slots of deployments themselves. */
  readonly takesDeploymentSlots: boolean;
}

export const newestClient: Client = {
  knowsPauses: true,
  retriesItsTasks: true,
  renewsLeases: false,
  takesDeploymentSlots: false,
};

/**
 * `apiVersion` is the header X-PREFECT-API-VERSION, which has been checked to be three numbers; `userAgent` names the
 * client's own version where it is Prefect's.
 */
export function clientOf(apiVersion: string | undefined, userAgent?: string): Client {
  const number = apiVersion ? rank(apiVersion) : Number.POSITIVE_INFINITY;
  const version = userAgent && USER_AGENT.exec(userAgent)?.[1];
  return {
    knowsPauses: number >= rank('0.8.4'),
    retriesItsTasks: number >= rank('0.8.3'),
    renewsLeases: version ? isAtLeast(version, '3.4.11') : false,
    takesDeploymentSlots: version ? TAKING_SLOTS.has(version) : false,
  };
}

const USER_AGENT = /^prefect\/(\d+\.\d+\.\d+(?:[a-z.+0-9]+)?) \(API \S+\)$/;
const TAKING_SLOTS = new Set(['3.0.0rc20', '3.0.0', '3.0.1', '3.0.2', '3.0.3']);

/** What comes before a release (`3.4.11rc1`, `3.4.11.dev2`) is older than it. */
function isAtLeast(version: string, release: string): boolean {
  const [, numbers, rest] = /^(\d+\.\d+\.\d+)(.*)$/.exec(version)!;
  const difference = rank(numbers!) - rank(release);
  return difference === 0 ? !/^(?:a|b|rc|\.?dev)/.test(rest!) : difference > 0;
}

function rank(version: string): number {
  return version.split('.').reduce((sum, part) => sum * 10_000 + Number(part), 0);
}
