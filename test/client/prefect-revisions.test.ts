/** What we know of Prefect's revisions is what the real Prefect has. */
import { execFileSync } from 'node:child_process';
import { beforeAll, describe, expect, test } from 'vitest';
import { prefectHead, prefectRevisions } from '../../src/migrations/adopt/prefect-revisions.ts';
import { PREFECT_VERSION } from '../../src/version.ts';
import { cleanEnvironment } from '../oracle/process.ts';
import { ensureVenv, PYTHON } from '../oracle/venv.ts';

const ASK = `
import json, pathlib, prefect
from alembic.script import ScriptDirectory

folder = pathlib.Path(prefect.__file__).parent / "server/database/_migrations"

def chain(name):
    script = ScriptDirectory(str(folder), version_locations=[str(folder / "versions" / name)])
    parents = {one.revision: list(one._all_down_revisions) for one in script.walk_revisions()}
    return {"heads": script.get_heads(), "parents": parents}

print(json.dumps({"version": prefect.__version__, "sqlite": chain("sqlite"), "pg": chain("postgresql")}))
`;

interface Chain {
  heads: string[];
  parents: Record<string, string[]>;
}

let prefect: { version: string; sqlite: Chain; pg: Chain };
beforeAll(async () => {
  await ensureVenv();
  const env = { ...cleanEnvironment(), DO_NOT_TRACK: '1' } as NodeJS.ProcessEnv;
  prefect = JSON.parse(execFileSync(PYTHON, ['-c', ASK], { env, encoding: 'utf8' }));
});

test('the Prefect that is asked is the one that we take databases over from', () => {
  expect(prefect.version).toBe(PREFECT_VERSION);
});

describe.each(['sqlite', 'pg'] as const)('the chain of %s', (name) => {
  const known = prefectRevisions(name);

  test('has the same revisions, each once', () => {
    expect([...known].sort()).toEqual(Object.keys(prefect[name].parents).sort());
  });

  test('is in an order in which each comes after those that it revises', () => {
    const early = Object.entries(prefect[name].parents).flatMap(([id, parents]) =>
      parents.filter((parent) => known.indexOf(parent) >= known.indexOf(id)).map((parent) => [parent, id]),
    );
    expect(early).toEqual([]);
  });

  test('ends at the head that the ledger of Prefect has', () => {
    expect(prefect[name].heads).toEqual([prefectHead(name)]);
  });
});
