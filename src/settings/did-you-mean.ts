/** How many letters have to be changed, added, left out or swapped with their neighbour to get from one word to the other. */
function distance(from: string, to: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const same = from[row - 1] === to[column - 1];
      let cost = Math.min(last[column]! + 1, current[column - 1]! + 1, last[column - 1]! + (same ? 0 : 1));
      const swapped = from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      if (swapped && row > 1 && column > 1) cost = Math.min(cost, beforeLast[column - 2]! + 1);
      current.push(cost);
    }
    beforeLast = last;
    last = current;
  }
  return last[to.length]!;
}

/** The candidate that is nearest to the word, when one is at most `limit` letters away. */
export function closest(word: string, candidates: Iterable<string>, limit: number): string | undefined {
  let best: string | undefined;
  // Of a short word a few letters are nearly all.
  let bestDistance = Math.min(limit, Math.floor(word.length / 3)) + 1;
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - word.length) >= bestDistance) continue;
    const away = distance(word, candidate);
    if (away < bestDistance) [best, bestDistance] = [candidate, away];
  }
  return best;
}
