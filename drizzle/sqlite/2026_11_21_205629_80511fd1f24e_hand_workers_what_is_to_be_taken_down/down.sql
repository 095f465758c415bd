-- Down: lossy (_cleanup_message)

DROP TABLE "_cleanup_message";
