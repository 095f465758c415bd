-- Down: lossy (_task_queue, _task_worker)

DROP TABLE "_task_worker";
--> statement-breakpoint
DROP TABLE "_task_queue";
