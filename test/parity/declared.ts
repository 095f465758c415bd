import {
  type ChainName,
  chainFolder,
  type Revision,
  readChain,
} from '../../src/migrations/chain/revisions.ts';

export type Pair = Record<ChainName, Revision>;

/** The revisions of both chains side by side, from the first to the head. */
export function readPairs(folders = { sqlite: chainFolder('sqlite'), pg: chainFolder('pg') }): Pair[] {
  const [sqlite, pg] = [readChain(folders.sqlite), readChain(folders.pg)];
  if (sqlite.length !== pg.length) throw new Error('The chains differ in length.');
  return sqlite.map((revision, at) => ({ sqlite: revision, pg: pg[at]! }));
}
