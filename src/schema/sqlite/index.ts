/** Every table of Prefect's database as SQLite has it, and nothing else: `typeof` of this module is the set of tables. */

export * from './artifact.ts';
export * from './automation.ts';
export * from './block-document.ts';
export * from './block-schema.ts';
export * from './block-type.ts';
export * from './cleanup-message.ts';
export * from './concurrency-lease.ts';
export * from './concurrency-limit.ts';
export * from './configuration.ts';
export * from './csrf-token.ts';
export * from './deployment.ts';
export * from './event.ts';
export * from './flow.ts';
export * from './flow-run.ts';
export * from './log.ts';
export * from './saved-search.ts';
export * from './service.ts';
export * from './task-queue.ts';
export * from './task-run.ts';
export * from './variable.ts';
export * from './work-pool.ts';
