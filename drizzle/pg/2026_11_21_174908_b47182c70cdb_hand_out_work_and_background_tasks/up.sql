-- Revision: b47182c70cdb
-- Revises: bef6d337285a
-- Create Date: 2026-11-21 17:49:08

CREATE TABLE "_task_queue" (
  "task_run_id" uuid NOT NULL,
  "task_key" varchar NOT NULL,
  "is_retry" boolean NOT NULL,
  "enqueued" timestamp with time zone NOT NULL,
  "claim" uuid,
  "claimed_until" timestamp with time zone,
  CONSTRAINT "pk__task_queue" PRIMARY KEY ("task_run_id")
);
--> statement-breakpoint
CREATE TABLE "_task_worker" (
  "identifier" varchar NOT NULL,
  "task_keys" jsonb NOT NULL,
  "seen" timestamp with time zone NOT NULL,
  CONSTRAINT "pk__task_worker" PRIMARY KEY ("identifier")
);
--> statement-breakpoint
CREATE INDEX "ix__task_queue__task_key" ON "_task_queue" USING btree ("task_key", "is_retry", "enqueued");
