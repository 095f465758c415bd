-- Down: lossy (_concurrency_lease)

DROP TABLE "_concurrency_lease";
