-- Revision: 29e3733a173b
-- Revises: c51126275c4e
-- Create Date: 2026-11-21 17:46:33

CREATE INDEX "ix_artifact__created" ON "artifact" ("created");
