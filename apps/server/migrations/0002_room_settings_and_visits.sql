-- What a host may set, and who has been where.
ALTER TABLE "Room" ADD COLUMN "locked" INTEGER NOT NULL DEFAULT 0;
ALTER TABLE "Room" ADD COLUMN "lobby" INTEGER NOT NULL DEFAULT 0;
ALTER TABLE "Room" ADD COLUMN "guests" INTEGER NOT NULL DEFAULT 1;
CREATE INDEX "Room_hostId_idx" ON "Room"("hostId");

-- One row for every room on a user's list: the creator's from the start, with no entries yet.
CREATE TABLE "RoomVisit" (
    "userId" TEXT NOT NULL REFERENCES "User"("id") ON DELETE CASCADE ON UPDATE CASCADE,
    "roomId" TEXT NOT NULL REFERENCES "Room"("id") ON DELETE CASCADE ON UPDATE CASCADE,
    "lastEntryAt" TIMESTAMP(3) NOT NULL,
    "entries" INTEGER NOT NULL,
    PRIMARY KEY ("userId", "roomId")
);
CREATE INDEX "RoomVisit_userId_lastEntryAt_roomId_idx"
    ON "RoomVisit"("userId", "lastEntryAt", "roomId");
CREATE INDEX "RoomVisit_roomId_idx" ON "RoomVisit"("roomId");

-- A database that Prisma made: who hosts or wrote somewhere has it on their list.
INSERT INTO "RoomVisit" ("userId", "roomId", "lastEntryAt", "entries")
    SELECT "userId", "roomId", MAX("createdAt"), 1 FROM "Message" GROUP BY "userId", "roomId";
INSERT INTO "RoomVisit" ("userId", "roomId", "lastEntryAt", "entries")
    SELECT "hostId", "id", "createdAt", 0 FROM "Room" WHERE TRUE
    ON CONFLICT ("userId", "roomId") DO NOTHING;
