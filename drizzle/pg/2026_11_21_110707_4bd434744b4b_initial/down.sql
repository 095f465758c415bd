-- Down: lossy (all tables)

DROP TABLE "agent" CASCADE;
--> statement-breakpoint
DROP TABLE "artifact" CASCADE;
--> statement-breakpoint
DROP TABLE "artifact_collection" CASCADE;
--> statement-breakpoint
DROP TABLE "automation" CASCADE;
--> statement-breakpoint
DROP TABLE "automation_bucket" CASCADE;
--> statement-breakpoint
DROP TABLE "automation_event_follower" CASCADE;
--> statement-breakpoint
DROP TABLE "automation_related_resource" CASCADE;
--> statement-breakpoint
DROP TABLE "block_document" CASCADE;
--> statement-breakpoint
DROP TABLE "block_document_reference" CASCADE;
--> statement-breakpoint
DROP TABLE "block_schema" CASCADE;
--> statement-breakpoint
DROP TABLE "block_schema_reference" CASCADE;
--> statement-breakpoint
DROP TABLE "block_type" CASCADE;
--> statement-breakpoint
DROP TABLE "composite_trigger_child_firing" CASCADE;
--> statement-breakpoint
DROP TABLE "concurrency_limit" CASCADE;
--> statement-breakpoint
DROP TABLE "concurrency_limit_v2" CASCADE;
--> statement-breakpoint
DROP TABLE "configuration" CASCADE;
--> statement-breakpoint
DROP TABLE "csrf_token" CASCADE;
--> statement-breakpoint
DROP TABLE "deployment" CASCADE;
--> statement-breakpoint
DROP TABLE "deployment_schedule" CASCADE;
--> statement-breakpoint
DROP TABLE "deployment_version" CASCADE;
--> statement-breakpoint
DROP TABLE "event_resources" CASCADE;
--> statement-breakpoint
DROP TABLE "events" CASCADE;
--> statement-breakpoint
DROP TABLE "flow" CASCADE;
--> statement-breakpoint
DROP TABLE "flow_run" CASCADE;
--> statement-breakpoint
DROP TABLE "flow_run_input" CASCADE;
--> statement-breakpoint
DROP TABLE "flow_run_state" CASCADE;
--> statement-breakpoint
DROP TABLE "log" CASCADE;
--> statement-breakpoint
DROP TABLE "saved_search" CASCADE;
--> statement-breakpoint
DROP TABLE "task_run" CASCADE;
--> statement-breakpoint
DROP TABLE "task_run_state" CASCADE;
--> statement-breakpoint
DROP TABLE "task_run_state_cache" CASCADE;
--> statement-breakpoint
DROP TABLE "variable" CASCADE;
--> statement-breakpoint
DROP TABLE "work_pool" CASCADE;
--> statement-breakpoint
DROP TABLE "work_queue" CASCADE;
--> statement-breakpoint
DROP TABLE "worker" CASCADE;
--> statement-breakpoint
DROP TYPE "deployment_status";
--> statement-breakpoint
DROP TYPE "state_type";
--> statement-breakpoint
DROP TYPE "work_pool_status";
--> statement-breakpoint
DROP TYPE "work_queue_status";
--> statement-breakpoint
DROP TYPE "worker_status";
