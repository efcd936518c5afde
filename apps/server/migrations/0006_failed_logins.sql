-- Failed logins are counted for each place that they come from, so that nobody locks an account for
-- others. "account" is a user's id, or "unknown " and the hash of an e-mail that nobody has.
CREATE TABLE "FailedLogin" (
    "account" TEXT NOT NULL,
    "source" TEXT NOT NULL,
    "userId" TEXT REFERENCES "User"("id") ON DELETE CASCADE ON UPDATE CASCADE,
    "attempts" INTEGER NOT NULL,
    "lockedUntil" TIMESTAMP(3),
    "lastFailedAt" TIMESTAMP(3) NOT NULL,
    PRIMARY KEY ("account", "source")
);
CREATE INDEX "FailedLogin_userId_lastFailedAt_idx" ON "FailedLogin"("userId", "lastFailedAt");
CREATE INDEX "FailedLogin_lastFailedAt_idx" ON "FailedLogin"("lastFailedAt");

-- Where a user logged in lately.
CREATE TABLE "KnownAddress" (
    "userId" TEXT NOT NULL REFERENCES "User"("id") ON DELETE CASCADE ON UPDATE CASCADE,
    "address" TEXT NOT NULL,
    "lastLoginAt" TIMESTAMP(3) NOT NULL,
    PRIMARY KEY ("userId", "address")
);
