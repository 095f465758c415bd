-- Down: lossy (all tables)

DROP TABLE "agent";
--> statement-breakpoint
DROP TABLE "artifact";
--> statement-breakpoint
DROP TABLE "artifact_collection";
--> statement-breakpoint
DROP TABLE "automation";
--> statement-breakpoint
DROP TABLE "automation_bucket";
--> statement-breakpoint
DROP TABLE "automation_event_follower";
--> statement-breakpoint
DROP TABLE "automation_related_resource";
--> statement-breakpoint
DROP TABLE "block_document";
--> statement-breakpoint
DROP TABLE "block_document_reference";
--> statement-breakpoint
DROP TABLE "block_schema";
--> statement-breakpoint
DROP TABLE "block_schema_reference";
--> statement-breakpoint
DROP TABLE "block_type";
--> statement-breakpoint
DROP TABLE "composite_trigger_child_firing";
--> statement-breakpoint
DROP TABLE "concurrency_limit";
--> statement-breakpoint
DROP TABLE "concurrency_limit_v2";
--> statement-breakpoint
DROP TABLE "configuration";
--> statement-breakpoint
DROP TABLE "csrf_token";
--> statement-breakpoint
DROP TABLE "deployment";
--> statement-breakpoint
DROP TABLE "deployment_schedule";
--> statement-breakpoint
DROP TABLE "deployment_version";
--> statement-breakpoint
DROP TABLE "event_resources";
--> statement-breakpoint
DROP TABLE "events";
--> statement-breakpoint
DROP TABLE "flow";
--> statement-breakpoint
DROP TABLE "flow_run";
--> statement-breakpoint
DROP TABLE "flow_run_input";
--> statement-breakpoint
DROP TABLE "flow_run_state";
--> statement-breakpoint
DROP TABLE "log";
--> statement-breakpoint
DROP TABLE "saved_search";
--> statement-breakpoint
DROP TABLE "task_run";
--> statement-breakpoint
DROP TABLE "task_run_state";
--> statement-breakpoint
DROP TABLE "task_run_state_cache";
--> statement-breakpoint
DROP TABLE "variable";
--> statement-breakpoint
DROP TABLE "work_pool";
--> statement-breakpoint
DROP TABLE "work_queue";
--> statement-breakpoint
DROP TABLE "worker";
