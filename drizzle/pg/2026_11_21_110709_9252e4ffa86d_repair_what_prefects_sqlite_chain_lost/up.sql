-- Revision: 9252e4ffa86d
-- Revises: 4bd434744b4b
-- Create Date: 2026-11-21 11:07:09

ALTER TABLE "automation_bucket" ALTER COLUMN "bucketing_key" SET DEFAULT '[]'::jsonb;
