/** What the name of a revision's folder says: `2026_11_21_110707_4bd434744b4b_initial`. */
export interface FolderName {
  /** `2026_11_21_110707`, in UTC. */
  readonly timestamp: string;
  readonly id: string;
  readonly slug: string;
}

export function nameParts(folder: string): FolderName {
  return { timestamp: folder.slice(0, 17), id: folder.slice(18, 30), slug: folder.slice(31) };
}

/** What the two revisions of a change have in common, around ids of their own; their data step is called so, too. */
export function twinName(folder: string): string {
  const { timestamp, slug } = nameParts(folder);
  return `${timestamp}_${slug}`;
}

interface InFolder {
  readonly folder: string;
}

/** Whether one is on a chain what the other is on the other one. */
export const areTwins = (one: InFolder, other: InFolder): boolean =>
  twinName(one.folder) === twinName(other.folder);
