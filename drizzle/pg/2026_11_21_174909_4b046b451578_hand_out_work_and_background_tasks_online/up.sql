-- Revision: 4b046b451578
-- Revises: b47182c70cdb
-- Create Date: 2026-11-21 17:49:09
-- Transaction: none

CREATE INDEX CONCURRENTLY IF NOT EXISTS "ix_flow_run__work_queue_id_next_scheduled_start_time" ON "flow_run" USING btree ("work_queue_id", "next_scheduled_start_time") WHERE state_type = 'SCHEDULED';
