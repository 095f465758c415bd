-- Revision: a8fd3427c149
-- Revises: 29e3733a173b
-- Create Date: 2026-11-21 17:49:08

CREATE TABLE "_task_queue" (
  "task_run_id" CHAR(36) NOT NULL,
  "task_key" VARCHAR NOT NULL,
  "is_retry" BOOLEAN NOT NULL,
  "enqueued" DATETIME NOT NULL,
  "claim" CHAR(36),
  "claimed_until" DATETIME,
  CONSTRAINT pk__task_queue PRIMARY KEY ("task_run_id")
);
--> statement-breakpoint
CREATE TABLE "_task_worker" (
  "identifier" VARCHAR NOT NULL,
  "task_keys" JSON NOT NULL,
  "seen" DATETIME NOT NULL,
  CONSTRAINT pk__task_worker PRIMARY KEY ("identifier")
);
--> statement-breakpoint
CREATE INDEX "ix__task_queue__task_key" ON "_task_queue" ("task_key", "is_retry", "enqueued");
