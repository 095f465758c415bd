-- Revision: ba8b564faf39
-- Revises: 4b046b451578
-- Create Date: 2026-11-21 18:14:12
-- Transaction: none

CREATE INDEX CONCURRENTLY IF NOT EXISTS "ix_block_document__block_schema_id" ON "block_document" USING btree ("block_schema_id");
--> statement-breakpoint
CREATE INDEX CONCURRENTLY IF NOT EXISTS "ix_block_document_reference__parent_block_document_id" ON "block_document_reference" USING btree ("parent_block_document_id");
--> statement-breakpoint
CREATE INDEX CONCURRENTLY IF NOT EXISTS "ix_block_document_reference__reference_block_document_id" ON "block_document_reference" USING btree ("reference_block_document_id");
--> statement-breakpoint
CREATE INDEX CONCURRENTLY IF NOT EXISTS "ix_block_schema_reference__parent_block_schema_id" ON "block_schema_reference" USING btree ("parent_block_schema_id");
--> statement-breakpoint
CREATE INDEX CONCURRENTLY IF NOT EXISTS "ix_block_schema_reference__reference_block_schema_id" ON "block_schema_reference" USING btree ("reference_block_schema_id");
