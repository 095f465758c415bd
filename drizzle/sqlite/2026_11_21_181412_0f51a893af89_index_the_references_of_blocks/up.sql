-- Revision: 0f51a893af89
-- Revises: efd0bd2d5d7a
-- Create Date: 2026-11-21 18:14:12

CREATE INDEX "ix_block_document__block_schema_id" ON "block_document" ("block_schema_id");
--> statement-breakpoint
CREATE INDEX "ix_block_document_reference__parent_block_document_id" ON "block_document_reference" ("parent_block_document_id");
--> statement-breakpoint
CREATE INDEX "ix_block_document_reference__reference_block_document_id" ON "block_document_reference" ("reference_block_document_id");
--> statement-breakpoint
CREATE INDEX "ix_block_schema_reference__parent_block_schema_id" ON "block_schema_reference" ("parent_block_schema_id");
--> statement-breakpoint
CREATE INDEX "ix_block_schema_reference__reference_block_schema_id" ON "block_schema_reference" ("reference_block_schema_id");
