-- Guests write too, and a message that is sent again is stored once.
ALTER TABLE "Message" ALTER COLUMN "userId" DROP NOT NULL;
ALTER TABLE "Message" ADD COLUMN "guestId" TEXT;
ALTER TABLE "Message" ADD COLUMN "guestName" TEXT;
ALTER TABLE "Message" ADD COLUMN "clientId" TEXT;
CREATE UNIQUE INDEX "Message_roomId_userId_clientId_key"
    ON "Message"("roomId", "userId", "clientId");
CREATE UNIQUE INDEX "Message_roomId_guestId_clientId_key"
    ON "Message"("roomId", "guestId", "clientId");
CREATE INDEX "Message_roomId_createdAt_id_idx" ON "Message"("roomId", "createdAt", "id");
CREATE INDEX "Message_userId_idx" ON "Message"("userId");
