-- Down: lossless

DROP INDEX "ix_block_document__block_schema_id";
--> statement-breakpoint
DROP INDEX "ix_block_document_reference__parent_block_document_id";
--> statement-breakpoint
DROP INDEX "ix_block_document_reference__reference_block_document_id";
--> statement-breakpoint
DROP INDEX "ix_block_schema_reference__parent_block_schema_id";
--> statement-breakpoint
DROP INDEX "ix_block_schema_reference__reference_block_schema_id";
