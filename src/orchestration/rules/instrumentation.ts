import type { FlowTransform } from '../drafts.ts';

/** Each written state of a flow run is an event. */
export const instrumentFlowRunStateTransitions: FlowTransform = {
  name: 'InstrumentFlowRunStateTransitions',
  universal: true,
  after({ reach }, validated) {
    reach.emitStateChange(validated);
  },
};
