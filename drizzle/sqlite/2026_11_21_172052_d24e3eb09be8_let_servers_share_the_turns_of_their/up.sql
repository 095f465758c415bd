-- Revision: d24e3eb09be8
-- Revises: 23d48cdc83e5
-- Create Date: 2026-11-21 17:20:52

CREATE TABLE "_service" (
  "name" VARCHAR NOT NULL,
  "holder" VARCHAR,
  "due" DATETIME NOT NULL,
  "started" DATETIME,
  "finished" DATETIME,
  "failure" TEXT,
  CONSTRAINT pk__service PRIMARY KEY ("name")
);
