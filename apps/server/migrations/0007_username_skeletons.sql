-- Names that look alike have one skeleton (base/display_name.hpp). The program fills the column in:
-- of accounts whose names look alike already the oldest has the plain skeleton, as with the keys of
-- migration 4.
ALTER TABLE "User" ADD COLUMN "usernameSkeleton" TEXT;
CREATE UNIQUE INDEX "User_usernameSkeleton_key" ON "User"("usernameSkeleton");
