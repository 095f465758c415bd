/** What went into a task run: under each parameter's name the runs that it came from. */
export type TaskInputs = Record<string, { id?: string }[]>;

interface Run {
  id: string;
  start_time: string;
  inputs: TaskInputs;
}

export interface GraphEdge<R> {
  parents: R[];
  children: R[];
  encapsulating: R[];
}

/** The name under which a task run has the task run that it was called in. */
const ENCAPSULATING = '__parents__';

/** An answer with more edges than this tells each edge once. */
const MANY_EDGES = 200_000;

/**
 * Parents, children and surrounding runs of each run, by when they began. As Prefect's answer has it, an edge comes once
 * for each input that its parent has: it joins inputs with inputs.
 */
export function linkNodes<R extends Run>(runs: R[]): Map<string, GraphEdge<R>> {
  const edges = new Map<string, GraphEdge<R>>();
  const known = new Map<string, { run: R; inputs: number }>();
  for (const run of runs) {
    edges.set(run.id, { parents: [], children: [], encapsulating: [] });
    known.set(run.id, { run, inputs: countInputs(run.inputs) });
  }
  const links = linksOf(runs, known);
  const total = links.reduce((sum, { times }) => sum + times, 0);
  for (const { parent, child, times } of links) {
    for (let i = total > MANY_EDGES ? times : 1; i <= times; i++) {
      edges.get(child.id)!.parents.push(parent);
      edges.get(parent.id)!.children.push(child);
    }
  }
  for (const run of runs) {
    const around = (run.inputs[ENCAPSULATING] ?? []).flatMap(({ id }) => known.get(id ?? '')?.run ?? []);
    edges.get(run.id)!.encapsulating = [...new Set(around)];
  }
  for (const edge of edges.values()) {
    for (const list of Object.values(edge) as R[][]) if (list.length > 1) list.sort(byStart);
  }
  return edges;
}

function linksOf<R extends Run>(
  runs: R[],
  known: Map<string, { run: R; inputs: number }>,
): { parent: R; child: R; times: number }[] {
  return runs.flatMap((child) =>
    Object.entries(child.inputs)
      .filter(([name]) => name !== ENCAPSULATING)
      .flatMap(([, sources]) => sources)
      .flatMap(({ id }) => {
        const parent = known.get(id ?? '');
        return parent ? { parent: parent.run, child, times: parent.inputs } : [];
      }),
  );
}

/** A parameter without a source counts as one, and so does a run without parameters. */
function countInputs(inputs: TaskInputs): number {
  return Object.values(inputs).reduce((sum, sources) => sum + Math.max(1, sources.length), 0) || 1;
}

function byStart(left: Run, right: Run): number {
  if (left.start_time !== right.start_time) return left.start_time < right.start_time ? -1 : 1;
  return left.id === right.id ? 0 : left.id < right.id ? -1 : 1;
}
