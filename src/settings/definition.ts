import type { Kind } from './kinds.ts';

export interface Definition<T = unknown> {
  readonly kind: Kind<T>;
  readonly fallback: T;
  readonly about: string;
  readonly secret: boolean;
  /** Other names of the same setting, in the order in which they are looked up after its own. */
  readonly aliases: readonly string[];
  /** Prefect's old name: the same with PREFECT_API_ for PREFECT_SERVER_. */
  readonly oldApiName: boolean;
  /** Set when Prefect knows the setting and this server has no use for it: why. */
  readonly unused: string | null;
}

interface Extra {
  aliases?: string[];
  oldApiName?: boolean;
  secret?: boolean;
  unused?: string;
}

/** One line of the table: its type, its default, what it is for. */
export function setting<T, D extends T | null>(
  kind: Kind<T>,
  fallback: D,
  about: string,
  extra: Extra = {},
): Definition<T | D> {
  return {
    kind: kind as Kind<T | D>,
    fallback,
    about,
    secret: extra.secret ?? false,
    aliases: extra.aliases ?? [],
    oldApiName: extra.oldApiName ?? false,
    unused: extra.unused ?? null,
  };
}
