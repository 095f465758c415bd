-- Down: lossless

DROP INDEX "ix_artifact__created";
