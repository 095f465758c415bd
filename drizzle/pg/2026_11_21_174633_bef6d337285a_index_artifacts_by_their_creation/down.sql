-- Down: lossless
-- Transaction: none

DROP INDEX CONCURRENTLY IF EXISTS "ix_artifact__created";
