-- A database as the design document's Prisma schema made it: what `prisma migrate deploy` writes, and
-- rows as the NestJS server left them. Passwords are "SecurePass123", by the npm package bcrypt.
CREATE TABLE "_prisma_migrations" (
    id                      VARCHAR(36) PRIMARY KEY NOT NULL,
    checksum                VARCHAR(64) NOT NULL,
    finished_at             TIMESTAMPTZ,
    migration_name          VARCHAR(255) NOT NULL,
    logs                    TEXT,
    rolled_back_at          TIMESTAMPTZ,
    started_at              TIMESTAMPTZ NOT NULL DEFAULT now(),
    applied_steps_count     INTEGER NOT NULL DEFAULT 0
);
INSERT INTO "_prisma_migrations" VALUES ('4f8f1c1e-6f0c-4c43-9d5f-2f6f4c8f1f11',
    'c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00', now(),
    '20250207120000_init', NULL, NULL, now(), 1);

-- CreateTable
CREATE TABLE "User" (
    "id" TEXT NOT NULL,
    "email" TEXT NOT NULL,
    "username" TEXT NOT NULL,
    "passwordHash" TEXT NOT NULL,
    "refreshTokenHash" TEXT,
    "failedLoginAttempts" INTEGER NOT NULL DEFAULT 0,
    "lockedUntil" TIMESTAMP(3),
    "tokenVersion" INTEGER NOT NULL DEFAULT 0,
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "User_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Room" (
    "id" TEXT NOT NULL,
    "slug" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "hostId" TEXT NOT NULL,
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "Room_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Message" (
    "id" TEXT NOT NULL,
    "content" TEXT NOT NULL,
    "userId" TEXT NOT NULL,
    "roomId" TEXT NOT NULL,
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "Message_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "User_email_key" ON "User"("email");

-- CreateIndex
CREATE UNIQUE INDEX "User_username_key" ON "User"("username");

-- CreateIndex
CREATE UNIQUE INDEX "Room_slug_key" ON "Room"("slug");

-- AddForeignKey
ALTER TABLE "Room" ADD CONSTRAINT "Room_hostId_fkey" FOREIGN KEY ("hostId") REFERENCES "User"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Message" ADD CONSTRAINT "Message_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Message" ADD CONSTRAINT "Message_roomId_fkey" FOREIGN KEY ("roomId") REFERENCES "Room"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

INSERT INTO "User" ("id", "email", "username", "passwordHash", "createdAt", "updatedAt") VALUES
    ('clx0a1b2c0000qwer1234abcd', 'Ada@Example.com', 'Ada',
     '$2b$10$N9qo8uLOickgx2ZMRZoMyeQcZrfv/Gn1.9Vlptr0lzfb82NWMVFhC', '2025-02-07 10:11:12.345', '2025-02-08 01:02:03.4'),
    ('clx0a1b2c0001qwer1234abcd', 'bob@example.com', 'bob',
     '$2a$10$abcdefghijklmnopqrstuukHQiuGqhTs/RvjiQLmi93ylvgQSo3/S', '2025-02-07 10:11:13', '2025-02-07 10:11:13');
INSERT INTO "Room" ("id", "slug", "name", "hostId", "createdAt", "updatedAt") VALUES
    ('clr0a1b2c0000qwer1234abcd', 'abc-defg-hij', 'Old room', 'clx0a1b2c0000qwer1234abcd', '2025-02-07 11:00:00', '2025-02-07 11:00:00');
INSERT INTO "Message" ("id", "content", "userId", "roomId", "createdAt") VALUES
    ('clm0a1b2c0000qwer1234abcd', 'hello from before', 'clx0a1b2c0001qwer1234abcd', 'clr0a1b2c0000qwer1234abcd', '2025-02-07 11:00:01.5');
