-- What the messages of a room take up: their octets, and 256 each for the row and its indexes
-- (kMessageOverhead). Kept by triggers, so that every way of deleting messages counts.
CREATE TABLE "RoomChat" (
    "roomId" TEXT NOT NULL PRIMARY KEY REFERENCES "Room"("id") ON DELETE CASCADE ON UPDATE CASCADE,
    "octets" INTEGER NOT NULL
);
INSERT INTO "RoomChat" ("roomId", "octets")
    SELECT "roomId", SUM(length(CAST("content" AS BLOB)) + 256) FROM "Message" GROUP BY "roomId";

CREATE TRIGGER "Message_stored" AFTER INSERT ON "Message" BEGIN
    INSERT INTO "RoomChat" ("roomId", "octets")
        VALUES (NEW."roomId", length(CAST(NEW."content" AS BLOB)) + 256)
        ON CONFLICT ("roomId") DO UPDATE SET "octets" = "octets" + excluded."octets";
END;
CREATE TRIGGER "Message_deleted" AFTER DELETE ON "Message" BEGIN
    UPDATE "RoomChat" SET "octets" = "octets" - length(CAST(OLD."content" AS BLOB)) - 256
        WHERE "roomId" = OLD."roomId";
END;

-- The oldest messages of all rooms, for their deletion after CHAT_RETENTION_DAYS.
CREATE INDEX "Message_createdAt_idx" ON "Message"("createdAt");
