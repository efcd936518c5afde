-- A login has an end of its own, however often it is renewed, and its owner sees where it is used.
ALTER TABLE "LoginFamily" ADD COLUMN "address" TEXT;
ALTER TABLE "LoginFamily" ADD COLUMN "userAgent" TEXT;
CREATE INDEX "LoginFamily_createdAt_idx" ON "LoginFamily"("createdAt");
