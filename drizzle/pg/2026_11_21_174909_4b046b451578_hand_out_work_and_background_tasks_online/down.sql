-- Down: lossless
-- Transaction: none

DROP INDEX CONCURRENTLY IF EXISTS "ix_flow_run__work_queue_id_next_scheduled_start_time";
