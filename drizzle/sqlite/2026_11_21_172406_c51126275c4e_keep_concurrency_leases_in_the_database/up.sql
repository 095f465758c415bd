-- Revision: c51126275c4e
-- Revises: d24e3eb09be8
-- Create Date: 2026-11-21 17:24:06

CREATE TABLE "_concurrency_lease" (
  "id" CHAR(36) DEFAULT (lower(hex(randomblob(4))) || '-' || lower(hex(randomblob(2))) || '-4' || substr(lower(hex(randomblob(2))), 2) || '-' || substr('89ab', abs(random()) % 4 + 1, 1) || substr(lower(hex(randomblob(2))), 2) || '-' || lower(hex(randomblob(6)))) NOT NULL,
  "created" DATETIME NOT NULL,
  "expiration" DATETIME NOT NULL,
  "limit_ids" JSON NOT NULL,
  "slots" INTEGER NOT NULL,
  "holder_type" VARCHAR,
  "holder_id" CHAR(36),
  CONSTRAINT pk__concurrency_lease PRIMARY KEY ("id")
);
--> statement-breakpoint
CREATE INDEX "ix__concurrency_lease__expiration" ON "_concurrency_lease" ("expiration");
--> statement-breakpoint
CREATE INDEX "ix__concurrency_lease__holder_id" ON "_concurrency_lease" ("holder_id");
