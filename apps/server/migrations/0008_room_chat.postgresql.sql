-- What the messages of a room take up: their octets, and 256 each for the row and its indexes
-- (kMessageOverhead). Kept by triggers, so that every way of deleting messages counts; one for each
-- statement, since a room may be deleted with a million of them.
CREATE TABLE "RoomChat" (
    "roomId" TEXT NOT NULL PRIMARY KEY REFERENCES "Room"("id") ON DELETE CASCADE ON UPDATE CASCADE,
    "octets" BIGINT NOT NULL
);
INSERT INTO "RoomChat" ("roomId", "octets")
    SELECT "roomId", SUM(octet_length("content") + 256) FROM "Message" GROUP BY "roomId";

CREATE FUNCTION "countStoredMessages"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO "RoomChat" AS c ("roomId", "octets")
        SELECT "roomId", SUM(octet_length("content") + 256) FROM "stored" GROUP BY "roomId"
        ON CONFLICT ("roomId") DO UPDATE SET "octets" = c."octets" + excluded."octets";
    RETURN NULL;
END $$;
CREATE TRIGGER "Message_stored" AFTER INSERT ON "Message" REFERENCING NEW TABLE AS "stored"
    FOR EACH STATEMENT EXECUTE FUNCTION "countStoredMessages"();

CREATE FUNCTION "countDeletedMessages"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE "RoomChat" SET "octets" = "RoomChat"."octets" - d."octets"
        FROM (SELECT "roomId", SUM(octet_length("content") + 256) AS "octets"
              FROM "deleted" GROUP BY "roomId" ORDER BY "roomId") AS d
        WHERE "RoomChat"."roomId" = d."roomId";
    RETURN NULL;
END $$;
CREATE TRIGGER "Message_deleted" AFTER DELETE ON "Message" REFERENCING OLD TABLE AS "deleted"
    FOR EACH STATEMENT EXECUTE FUNCTION "countDeletedMessages"();

-- The oldest messages of all rooms, for their deletion after CHAT_RETENTION_DAYS.
CREATE INDEX "Message_createdAt_idx" ON "Message"("createdAt");
