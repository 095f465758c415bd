import { type Group, post, sequence } from '../sequence.ts';

const path = '/v2/concurrency_limits/increment-with-lease';

export const concurrency: Group = {
  name: 'concurrency',
  sequences: [
    sequence('tags that have no limit', [
      post(path, {
        names: ['tag:<tag>'],
        slots: 1,
        mode: 'concurrency',
        lease_duration: 300,
        holder: { type: 'task_run', id: '<uuid:holder>' },
      }),
      post(path, { names: ['tag:a-<tag>', 'tag:b-<tag>'], slots: 1 }),
      post(path, { names: ['tag:<tag>'], slots: 5, mode: 'rate_limit' }),
      post(path, { names: [], slots: 1 }),
      post(path, { names: ['tag:<tag>'], slots: 1, lease_duration: 60 }),
      post(path, { names: ['tag:<tag>'], slots: 1, lease_duration: 86400, holder: null }),
    ]),
    sequence('bad input', [
      post(path, {}),
      post(path, { names: ['x'] }),
      post(path, { slots: 1 }),
      post(path, { names: 'x', slots: 1 }),
      post(path, { names: ['x'], slots: 0 }),
      post(path, { names: ['x'], slots: -1 }),
      post(path, { names: ['x'], slots: 'x' }),
      post(path, { names: ['x'], slots: 1, mode: 'other' }),
      post(path, { names: ['x'], slots: 1, lease_duration: 59 }),
      post(path, { names: ['x'], slots: 1, lease_duration: 86401 }),
      post(path, { names: ['x'], slots: 1, holder: { type: 'other', id: '<uuid:a>' } }),
      post(path, { names: ['x'], slots: 1, holder: { type: 'flow_run', id: 'x' } }),
      post(path, { names: ['x'], slots: 1, holder: { type: 'flow_run' } }),
      post(path, { names: ['x'], slots: 1, holder: 'x' }),
      post(path, { names: [5], slots: 1 }),
      post(path, []),
      post(path),
    ]),
  ],
};
