import type { CommonTransform, FlowPolicy, TaskPolicy } from './drafts.ts';
import { cacheInsertion, cacheRetrieval } from './rules/caching.ts';
import {
  bypassCancellingFlowRunsWithNoInfra,
  enforceCancellingToCancelledTransition,
} from './rules/cancelling.ts';
import {
  enforceDeploymentConcurrencyOnLate,
  releaseFlowConcurrencySlots,
  removeDeploymentConcurrencyLeaseForOldClientVersions,
  secureFlowConcurrencySlots,
  validateDeploymentConcurrencyAtRunning,
} from './rules/deployment-concurrency.ts';
import { preserveDeploymentConcurrencyLeaseId, preventDuplicateTransitions } from './rules/duplicates.ts';
import { instrumentFlowRunStateTransitions } from './rules/instrumentation.ts';
import { handlePausingFlows, handleResumingPausedFlows } from './rules/pausing.ts';
import { preventPendingTransitions } from './rules/pending.ts';
import { renameReruns, retryFailedFlows, retryFailedTasks } from './rules/retries.ts';
import {
  copyScheduledTime,
  ensureOnlyScheduledFlowsMarkedLate,
  waitForScheduledTime,
} from './rules/scheduling.ts';
import { releaseTaskConcurrencySlots, secureTaskConcurrencySlots } from './rules/task-concurrency.ts';
import {
  copyTaskParametersId,
  enqueueScheduledTasks,
  preventRunningTasksFromStoppedFlows,
  updateFlowRunTrackerOnTasks,
} from './rules/tasks.ts';
import {
  handleFlowTerminalStateTransitions,
  handleTaskTerminalStateTransitions,
  preventResultDataLoss,
} from './rules/terminal.ts';
import {
  ensureStateTimestampIsUnique,
  incrementFlowRunCount,
  incrementRunTime,
  incrementTaskRunCount,
  removeResumingIndicator,
  setEndTime,
  setExpectedStartTime,
  setNextScheduledStartTime,
  setRunState,
  setStartTime,
  updateFlowRunStateDetails,
  updateSubflowParentTask,
  updateTaskRunStateDetails,
} from './transforms.ts';

const bookkeeping: CommonTransform[] = [
  ensureStateTimestampIsUnique,
  setRunState,
  setStartTime,
  setEndTime,
  incrementRunTime,
  setExpectedStartTime,
  setNextScheduledStartTime,
];

/** The innermost part of every flow policy: first to see what will be written, first to see what was. */
const flowBookkeeping: FlowPolicy = [
  ...bookkeeping,
  updateFlowRunStateDetails,
  updateSubflowParentTask,
  incrementFlowRunCount,
  removeResumingIndicator,
];

const taskBookkeeping: TaskPolicy = [...bookkeeping, updateTaskRunStateDetails, incrementTaskRunCount];

// The order is Prefect's.

export const coreFlowPolicy: FlowPolicy = [
  preserveDeploymentConcurrencyLeaseId,
  preventDuplicateTransitions,
  handleFlowTerminalStateTransitions,
  enforceCancellingToCancelledTransition,
  bypassCancellingFlowRunsWithNoInfra,
  preventPendingTransitions,
  validateDeploymentConcurrencyAtRunning,
  secureFlowConcurrencySlots,
  removeDeploymentConcurrencyLeaseForOldClientVersions,
  ensureOnlyScheduledFlowsMarkedLate,
  handlePausingFlows,
  handleResumingPausedFlows,
  copyScheduledTime,
  waitForScheduledTime,
  retryFailedFlows,
  instrumentFlowRunStateTransitions,
  releaseFlowConcurrencySlots,
  ...flowBookkeeping,
];

/** For forced transitions and for the state that a run is created with. */
export const minimalFlowPolicy: FlowPolicy = [
  preventResultDataLoss,
  bypassCancellingFlowRunsWithNoInfra,
  instrumentFlowRunStateTransitions,
  releaseFlowConcurrencySlots,
  ...flowBookkeeping,
];

/** For the service that marks runs late. */
export const markLateRunsPolicy: FlowPolicy = [
  ensureOnlyScheduledFlowsMarkedLate,
  enforceDeploymentConcurrencyOnLate,
  instrumentFlowRunStateTransitions,
  ...flowBookkeeping,
];

export const coreTaskPolicy: TaskPolicy = [
  cacheRetrieval,
  handleTaskTerminalStateTransitions,
  preventRunningTasksFromStoppedFlows,
  secureTaskConcurrencySlots,
  copyScheduledTime,
  waitForScheduledTime,
  retryFailedTasks,
  renameReruns,
  updateFlowRunTrackerOnTasks,
  cacheInsertion,
  releaseTaskConcurrencySlots,
  ...taskBookkeeping,
];

/** For forced transitions and for the state that a run is created with. */
export const minimalTaskPolicy: TaskPolicy = [releaseTaskConcurrencySlots, ...taskBookkeeping];

/** For tasks that wait for a worker of their own (`state_details.deferred`), even where the transition is forced. */
export const backgroundTaskPolicy: TaskPolicy = [
  preventPendingTransitions,
  cacheRetrieval,
  handleTaskTerminalStateTransitions,
  copyScheduledTime,
  copyTaskParametersId,
  waitForScheduledTime,
  retryFailedTasks,
  renameReruns,
  updateFlowRunTrackerOnTasks,
  cacheInsertion,
  releaseTaskConcurrencySlots,
  enqueueScheduledTasks,
  ...taskBookkeeping,
];
