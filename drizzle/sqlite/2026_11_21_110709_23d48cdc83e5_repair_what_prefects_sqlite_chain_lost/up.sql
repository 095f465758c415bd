-- Revision: 23d48cdc83e5
-- Revises: fe5c7b00d50c
-- Create Date: 2026-11-21 11:07:09

CREATE TABLE "__new_automation_bucket" (
  "id" CHAR(36) DEFAULT (lower(hex(randomblob(4))) || '-' || lower(hex(randomblob(2))) || '-4' || substr(lower(hex(randomblob(2))), 2) || '-' || substr('89ab', abs(random()) % 4 + 1, 1) || substr(lower(hex(randomblob(2))), 2) || '-' || lower(hex(randomblob(6)))) NOT NULL,
  "created" DATETIME DEFAULT (strftime('%Y-%m-%d %H:%M:%f000', 'now')) NOT NULL,
  "updated" DATETIME DEFAULT (strftime('%Y-%m-%d %H:%M:%f000', 'now')) NOT NULL,
  "automation_id" CHAR(36) NOT NULL,
  "trigger_id" CHAR(36) NOT NULL,
  "bucketing_key" JSON DEFAULT '[]' NOT NULL,
  "last_event" JSON,
  "start" DATETIME NOT NULL,
  "end" DATETIME NOT NULL,
  "count" INTEGER NOT NULL,
  "last_operation" VARCHAR,
  "triggered_at" DATETIME,
  CONSTRAINT pk_automation_bucket PRIMARY KEY ("id"),
  CONSTRAINT fk_automation_bucket__automation_id__automation FOREIGN KEY ("automation_id") REFERENCES "automation" ("id") ON DELETE CASCADE
);
--> statement-breakpoint
INSERT INTO "__new_automation_bucket" ("id", "created", "updated", "automation_id", "trigger_id", "bucketing_key", "last_event", "start", "end", "count", "last_operation", "triggered_at")
SELECT "id", "created", "updated", "automation_id", "trigger_id", "bucketing_key", "last_event", "start", "end", "count", "last_operation", "triggered_at" FROM "automation_bucket";
--> statement-breakpoint
DROP TABLE "automation_bucket";
--> statement-breakpoint
ALTER TABLE "__new_automation_bucket" RENAME TO "automation_bucket";
--> statement-breakpoint
CREATE INDEX "ix_automation_bucket__updated" ON "automation_bucket" ("updated");
--> statement-breakpoint
CREATE INDEX "ix_automation_bucket__automation_id__end" ON "automation_bucket" ("automation_id", "end");
--> statement-breakpoint
CREATE UNIQUE INDEX "uq_automation_bucket__automation_id__trigger_id__bucketing_key" ON "automation_bucket" ("automation_id", "trigger_id", "bucketing_key");
--> statement-breakpoint
DROP INDEX "ix_block_type_name_case_insensitive";
--> statement-breakpoint
CREATE INDEX "ix_block_type_name_case_insensitive" ON "block_type" ("name" COLLATE NOCASE);
--> statement-breakpoint
DROP INDEX "ix_deployment_name_case_insensitive";
--> statement-breakpoint
CREATE INDEX "ix_deployment_name_case_insensitive" ON "deployment" ("name" COLLATE NOCASE);
--> statement-breakpoint
CREATE TABLE "__new_deployment_version" (
  "id" CHAR(36) DEFAULT (lower(hex(randomblob(4))) || '-' || lower(hex(randomblob(2))) || '-4' || substr(lower(hex(randomblob(2))), 2) || '-' || substr('89ab', abs(random()) % 4 + 1, 1) || substr(lower(hex(randomblob(2))), 2) || '-' || lower(hex(randomblob(6)))) NOT NULL,
  "created" DATETIME DEFAULT (strftime('%Y-%m-%d %H:%M:%f000', 'now')) NOT NULL,
  "updated" DATETIME DEFAULT (strftime('%Y-%m-%d %H:%M:%f000', 'now')) NOT NULL,
  "deployment_id" CHAR(36) NOT NULL,
  "branch" VARCHAR,
  "version_info" JSON DEFAULT '{}' NOT NULL,
  "description" TEXT,
  "tags" JSON DEFAULT '[]' NOT NULL,
  "labels" JSON,
  "entrypoint" VARCHAR,
  "pull_steps" JSON,
  "parameters" JSON DEFAULT '{}' NOT NULL,
  "parameter_openapi_schema" JSON,
  "enforce_parameter_schema" BOOLEAN DEFAULT '0' NOT NULL,
  "work_queue_id" CHAR(36),
  "work_queue_name" VARCHAR,
  "infra_overrides" JSON DEFAULT '{}' NOT NULL,
  CONSTRAINT pk_deployment_version PRIMARY KEY ("id"),
  CONSTRAINT fk_deployment_version__deployment_id__deployment FOREIGN KEY ("deployment_id") REFERENCES "deployment" ("id") ON DELETE CASCADE,
  CONSTRAINT fk_deployment_version__work_queue_id__work_queue FOREIGN KEY ("work_queue_id") REFERENCES "work_queue" ("id") ON DELETE SET NULL
);
--> statement-breakpoint
INSERT INTO "__new_deployment_version" ("id", "created", "updated", "deployment_id", "branch", "version_info", "description", "tags", "labels", "entrypoint", "pull_steps", "parameters", "parameter_openapi_schema", "enforce_parameter_schema", "work_queue_id", "work_queue_name", "infra_overrides")
SELECT "id", "created", "updated", "deployment_id", "branch", "version_info", "description", "tags", "labels", "entrypoint", "pull_steps", "parameters", "parameter_openapi_schema", "enforce_parameter_schema", "work_queue_id", "work_queue_name", "infra_overrides" FROM "deployment_version";
--> statement-breakpoint
DROP TABLE "deployment_version";
--> statement-breakpoint
ALTER TABLE "__new_deployment_version" RENAME TO "deployment_version";
--> statement-breakpoint
CREATE INDEX "ix_deployment_version__updated" ON "deployment_version" ("updated");
--> statement-breakpoint
CREATE INDEX "ix_deployment_version__deployment_id" ON "deployment_version" ("deployment_id");
--> statement-breakpoint
CREATE INDEX "ix_deployment_version__work_queue_id" ON "deployment_version" ("work_queue_id");
--> statement-breakpoint
CREATE INDEX "ix_deployment_version__work_queue_name" ON "deployment_version" ("work_queue_name");
--> statement-breakpoint
CREATE UNIQUE INDEX "uq_deployment_version__deployment__branch" ON "deployment_version" ("deployment_id", "branch");
--> statement-breakpoint
DROP INDEX "ix_events__event_related_occurred";
--> statement-breakpoint
DROP INDEX "ix_events__related_resource_ids";
--> statement-breakpoint
CREATE INDEX "ix_events__event_occurred" ON "events" ("event", "occurred");
--> statement-breakpoint
DROP INDEX "ix_flow_run__end_time_desc";
--> statement-breakpoint
DROP INDEX "ix_flow_run__expected_start_time_desc";
--> statement-breakpoint
DROP INDEX "ix_flow_run_name_case_insensitive";
--> statement-breakpoint
CREATE INDEX "ix_flow_run__coalesce_start_time_expected_start_time_asc" ON "flow_run" (coalesce("start_time", "expected_start_time"));
--> statement-breakpoint
CREATE INDEX "ix_flow_run__coalesce_start_time_expected_start_time_desc" ON "flow_run" (coalesce("start_time", "expected_start_time") DESC);
--> statement-breakpoint
CREATE INDEX "ix_flow_run__end_time_desc" ON "flow_run" ("end_time" DESC);
--> statement-breakpoint
CREATE INDEX "ix_flow_run__expected_start_time_desc" ON "flow_run" ("expected_start_time" DESC);
--> statement-breakpoint
CREATE INDEX "ix_flow_run_name_case_insensitive" ON "flow_run" ("name" COLLATE NOCASE);
--> statement-breakpoint
DROP INDEX "uq_flow_run_state__flow_run_id_timestamp_desc";
--> statement-breakpoint
CREATE UNIQUE INDEX "uq_flow_run_state__flow_run_id_timestamp_desc" ON "flow_run_state" ("flow_run_id", "timestamp" DESC);
--> statement-breakpoint
DROP INDEX "ix_task_run__end_time_desc";
--> statement-breakpoint
DROP INDEX "ix_task_run__expected_start_time_desc";
--> statement-breakpoint
DROP INDEX "ix_task_run_name_case_insensitive";
--> statement-breakpoint
CREATE INDEX "ix_task_run__end_time_desc" ON "task_run" ("end_time" DESC);
--> statement-breakpoint
CREATE INDEX "ix_task_run__expected_start_time_desc" ON "task_run" ("expected_start_time" DESC);
--> statement-breakpoint
CREATE INDEX "ix_task_run_name_case_insensitive" ON "task_run" ("name" COLLATE NOCASE);
--> statement-breakpoint
DROP INDEX "uq_task_run_state__task_run_id_timestamp_desc";
--> statement-breakpoint
CREATE UNIQUE INDEX "uq_task_run_state__task_run_id_timestamp_desc" ON "task_run_state" ("task_run_id", "timestamp" DESC);
