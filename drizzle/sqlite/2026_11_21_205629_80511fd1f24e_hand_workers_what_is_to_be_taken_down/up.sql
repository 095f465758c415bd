-- Revision: 80511fd1f24e
-- Revises: 0f51a893af89
-- Create Date: 2026-11-21 20:56:29

CREATE TABLE "_cleanup_message" (
  "id" CHAR(36) NOT NULL,
  "created" DATETIME NOT NULL,
  "work_pool_id" CHAR(36) NOT NULL,
  "work_queue_id" CHAR(36),
  "kind" VARCHAR NOT NULL,
  "target" JSON NOT NULL,
  "delivery_count" INTEGER NOT NULL,
  "reservation_token" VARCHAR,
  "lease_expires_at" DATETIME,
  CONSTRAINT pk__cleanup_message PRIMARY KEY ("id")
);
--> statement-breakpoint
CREATE INDEX "ix__cleanup_message__work_pool_id" ON "_cleanup_message" ("work_pool_id", "created");
--> statement-breakpoint
CREATE INDEX "ix__cleanup_message__lease_expires_at" ON "_cleanup_message" ("lease_expires_at");
