/** Where our document means to differ from Prefect's. An entry that nothing needs any more is a failure. */
export interface Known {
  at: RegExp;
  reason: string;
}

export const knownDifferences: Known[] = [
  {
    at: /^GET \/admin\/settings responses\.200/,
    reason: "The settings are this server's own, under Prefect's names: an object of any members.",
  },
  {
    at: /^HTTPValidationError\.properties\./,
    reason: "Prefect documents FastAPI's shape and answers another; ours is documented as both answer it.",
  },
  {
    at: /templates\/validate responses\.200$/,
    reason: 'A good template is answered with 204 and nothing, which neither document says.',
  },
];

/** Operations of Prefect that aren't built: by verb and path. */
export const notBuilt: Known[] = [
  {
    at: /^(POST|PUT) \/automations\/(\{id\})?$/,
    reason: 'Nothing evaluates triggers yet: an automation that would never act is not taken.',
  },
];

/** The first entry for a text, with what it has been used for so far counted. */
export function reasonFor(entries: Known[], text: string, used: Set<Known>): string | undefined {
  const entry = entries.find(({ at }) => at.test(text));
  if (entry) used.add(entry);
  return entry?.reason;
}
