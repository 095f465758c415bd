-- Down: lossless

DROP INDEX "ix_flow_run__work_queue_id_next_scheduled_start_time";
