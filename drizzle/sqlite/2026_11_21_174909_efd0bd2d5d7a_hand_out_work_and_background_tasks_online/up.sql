-- Revision: efd0bd2d5d7a
-- Revises: a8fd3427c149
-- Create Date: 2026-11-21 17:49:09

CREATE INDEX "ix_flow_run__work_queue_id_next_scheduled_start_time" ON "flow_run" ("work_queue_id", "next_scheduled_start_time") WHERE state_type = 'SCHEDULED';
