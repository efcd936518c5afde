-- Guests write too, and a message that is sent again is stored once. SQLite cannot drop a NOT NULL,
-- so the table is made anew.
CREATE TABLE "Message_new" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "content" TEXT NOT NULL,
    "userId" TEXT,
    "roomId" TEXT NOT NULL,
    "createdAt" DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "guestId" TEXT,
    "guestName" TEXT,
    "clientId" TEXT,
    CONSTRAINT "Message_userId_fkey" FOREIGN KEY ("userId")
        REFERENCES "User" ("id") ON DELETE RESTRICT ON UPDATE CASCADE,
    CONSTRAINT "Message_roomId_fkey" FOREIGN KEY ("roomId")
        REFERENCES "Room" ("id") ON DELETE RESTRICT ON UPDATE CASCADE
);
INSERT INTO "Message_new" ("id", "content", "userId", "roomId", "createdAt")
    SELECT "id", "content", "userId", "roomId", "createdAt" FROM "Message";
DROP TABLE "Message";
ALTER TABLE "Message_new" RENAME TO "Message";
CREATE UNIQUE INDEX "Message_roomId_userId_clientId_key"
    ON "Message"("roomId", "userId", "clientId");
CREATE UNIQUE INDEX "Message_roomId_guestId_clientId_key"
    ON "Message"("roomId", "guestId", "clientId");
CREATE INDEX "Message_roomId_createdAt_id_idx" ON "Message"("roomId", "createdAt", "id");
CREATE INDEX "Message_userId_idx" ON "Message"("userId");
