-- Revision: bef6d337285a
-- Revises: cb6468c181e6
-- Create Date: 2026-11-21 17:46:33
-- Transaction: none

CREATE INDEX CONCURRENTLY IF NOT EXISTS "ix_artifact__created" ON "artifact" USING btree ("created");
