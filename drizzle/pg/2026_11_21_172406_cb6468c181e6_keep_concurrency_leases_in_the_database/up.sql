-- Revision: cb6468c181e6
-- Revises: 07519fa4f430
-- Create Date: 2026-11-21 17:24:06

CREATE TABLE "_concurrency_lease" (
  "id" uuid DEFAULT gen_random_uuid() NOT NULL,
  "created" timestamp with time zone NOT NULL,
  "expiration" timestamp with time zone NOT NULL,
  "limit_ids" jsonb NOT NULL,
  "slots" integer NOT NULL,
  "holder_type" varchar,
  "holder_id" uuid,
  CONSTRAINT "pk__concurrency_lease" PRIMARY KEY ("id")
);
--> statement-breakpoint
CREATE INDEX "ix__concurrency_lease__expiration" ON "_concurrency_lease" USING btree ("expiration");
--> statement-breakpoint
CREATE INDEX "ix__concurrency_lease__holder_id" ON "_concurrency_lease" USING btree ("holder_id");
