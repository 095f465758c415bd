-- Revision: 4b91f13917ae
-- Revises: ba8b564faf39
-- Create Date: 2026-11-21 20:56:29

CREATE TABLE "_cleanup_message" (
  "id" uuid NOT NULL,
  "created" timestamp with time zone NOT NULL,
  "work_pool_id" uuid NOT NULL,
  "work_queue_id" uuid,
  "kind" varchar NOT NULL,
  "target" jsonb NOT NULL,
  "delivery_count" integer NOT NULL,
  "reservation_token" varchar,
  "lease_expires_at" timestamp with time zone,
  CONSTRAINT "pk__cleanup_message" PRIMARY KEY ("id")
);
--> statement-breakpoint
CREATE INDEX "ix__cleanup_message__work_pool_id" ON "_cleanup_message" USING btree ("work_pool_id", "created");
--> statement-breakpoint
CREATE INDEX "ix__cleanup_message__lease_expires_at" ON "_cleanup_message" USING btree ("lease_expires_at");
