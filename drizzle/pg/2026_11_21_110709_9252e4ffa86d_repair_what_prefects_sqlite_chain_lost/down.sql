-- Down: lossless

ALTER TABLE "automation_bucket" ALTER COLUMN "bucketing_key" DROP DEFAULT;
