-- Down: lossy (_service)

DROP TABLE "_service";
