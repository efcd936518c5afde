-- One row for every login: its newest refresh token, and the one before for two tabs at once.
CREATE TABLE "LoginFamily" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "userId" TEXT NOT NULL REFERENCES "User"("id") ON DELETE CASCADE ON UPDATE CASCADE,
    "tokenHash" TEXT NOT NULL,
    "previousHash" TEXT,
    "client" TEXT,
    "createdAt" TIMESTAMP(3) NOT NULL,
    "rotatedAt" TIMESTAMP(3) NOT NULL
);
CREATE INDEX "LoginFamily_userId_idx" ON "LoginFamily"("userId");
CREATE INDEX "LoginFamily_rotatedAt_idx" ON "LoginFamily"("rotatedAt");

-- A database that Prisma made knows one login a user: it goes on as a family of its own.
INSERT INTO "LoginFamily" ("id", "userId", "tokenHash", "createdAt", "rotatedAt")
    SELECT 'legacy-' || "id", "id", "refreshTokenHash", "updatedAt", "updatedAt"
    FROM "User" WHERE "refreshTokenHash" IS NOT NULL;

-- Failed logins are forgotten after a while, and counted for e-mails that nobody has as well.
ALTER TABLE "User" ADD COLUMN "lastFailedLoginAt" TIMESTAMP(3);
CREATE TABLE "UnknownLogin" (
    "emailHash" TEXT NOT NULL PRIMARY KEY,
    "failedLoginAttempts" INTEGER NOT NULL,
    "lockedUntil" TIMESTAMP(3),
    "lastFailedLoginAt" TIMESTAMP(3) NOT NULL
);
CREATE INDEX "UnknownLogin_lastFailedLoginAt_idx" ON "UnknownLogin"("lastFailedLoginAt");

-- E-mail and username are unique without regard to case. Of accounts that differ in case alone the
-- oldest keeps the plain key; '#' is in no username and no e-mail key of a new account.
ALTER TABLE "User" ADD COLUMN "emailKey" TEXT;
ALTER TABLE "User" ADD COLUMN "usernameKey" TEXT;
UPDATE "User" SET "emailKey" = "ranked"."key" FROM (
    SELECT "id", lower("email") || CASE
        WHEN row_number() OVER (PARTITION BY lower("email") ORDER BY "createdAt", "id") > 1
        THEN '#' || "id" ELSE '' END AS "key" FROM "User") AS "ranked"
    WHERE "User"."id" = "ranked"."id";
UPDATE "User" SET "usernameKey" = "ranked"."key" FROM (
    SELECT "id", lower("username") || CASE
        WHEN row_number() OVER (PARTITION BY lower("username") ORDER BY "createdAt", "id") > 1
        THEN '#' || "id" ELSE '' END AS "key" FROM "User") AS "ranked"
    WHERE "User"."id" = "ranked"."id";
CREATE UNIQUE INDEX "User_emailKey_key" ON "User"("emailKey");
CREATE UNIQUE INDEX "User_usernameKey_key" ON "User"("usernameKey");
