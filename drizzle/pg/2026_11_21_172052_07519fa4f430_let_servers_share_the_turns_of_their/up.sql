-- Revision: 07519fa4f430
-- Revises: 9252e4ffa86d
-- Create Date: 2026-11-21 17:20:52

CREATE TABLE "_service" (
  "name" varchar NOT NULL,
  "holder" varchar,
  "due" timestamp with time zone NOT NULL,
  "started" timestamp with time zone,
  "finished" timestamp with time zone,
  "failure" text,
  CONSTRAINT "pk__service" PRIMARY KEY ("name")
);
