import { type Group, type Method, type Sequence, send, sequence } from '../sequence.ts';

/** Of every resource: each path is asked with every verb, with and without its last slash. */
const PATHS = `
/health /ready /version /hello /csrf-token /admin/version /admin/storage
/flows/ /flows/:id /flows/count /flows/filter /flows/paginate /flows/bulk_delete /flows/name/:name
/flow_runs/ /flow_runs/:id /flow_runs/count /flow_runs/lateness /flow_runs/history /flow_runs/filter /flow_runs/paginate
/flow_runs/bulk_delete /flow_runs/bulk_set_state /flow_runs/:id/graph /flow_runs/:id/resume /flow_runs/:id/set_state
/flow_runs/:id/input /flow_runs/:id/input/filter /flow_runs/:id/input/:name /flow_runs/:id/labels /flow_runs/:id/logs/download
/flow_run_states/ /flow_run_states/:id /task_run_states/ /task_run_states/:id
/task_runs/ /task_runs/:id /task_runs/count /task_runs/filter /task_runs/paginate /task_runs/history /task_runs/:id/set_state
/logs/ /logs/filter /events /events/filter /events/filter/next /events/count-by/day
/artifacts/ /artifacts/:id /artifacts/:name/latest
/ui/flows/count-deployments /ui/flows/next-runs /ui/flow_runs/history /ui/flow_runs/count-task-runs
/ui/task_runs/count /ui/task_runs/dashboard/counts /ui/task_runs/:id
`;
const VERBS: Method[] = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'];

/** Ids are unknown and bodies broken, so that nothing happens behind a verb that fits. */
function everyVerb(path: string): Sequence {
  const known = path.replace(':id', '<uuid:nobody>').replace(':name', 'nobody-<tag>');
  const otherwise = known.endsWith('/') ? known.slice(0, -1) : `${known}/`;
  const steps = [known, otherwise].flatMap((one) =>
    VERBS.map((verb) => send(verb, one, ['POST', 'PUT', 'PATCH'].includes(verb) ? '{' : undefined)),
  );
  return sequence(path, steps);
}

export const verbs: Group = {
  name: 'verbs',
  sequences: PATHS.trim().split(/\s+/).map(everyVerb),
};
