// Chat messages: stored once, read back in order, by those who may, on both databases.
#include <gmock/gmock.h>

#include "../auth/accounts_world.hpp"

namespace server {
namespace {

using namespace std::chrono_literals;
using testing::AccountsWorld;
using testing::Answer;
using testing::Browser;

class Chat : public ::testing::TestWithParam<testing::Backend> {
 protected:
  Chat() : world(database.url()), ada(world.registered("ada")) {
    ada_id = world.get("/api/users/me", ada).text("/id");
    room_id = world.post("/api/rooms", {{"name", "x"}, {"slug", "room"}}, ada).text("/id");
  }

  auto store(const chat::Author& author, const std::string& content, const std::string& client_id) {
    return world.run(world.chat.store(room_id, author, content, client_id));
  }
  chat::Author by_ada() const { return {ada_id, "", "ada"}; }

  testing::EmptyDatabase database{GetParam()};
  AccountsWorld world;
  Browser ada;
  std::string ada_id;
  std::string room_id;
};

TEST_P(Chat, StoresAMessageOncePerIdentityRoomAndClientId) {
  const auto first = store(by_ada(), "  hello \u2003", "c1");
  ASSERT_TRUE(first);
  EXPECT_EQ(first->message.content, "hello");
  EXPECT_FALSE(first->repeated);
  const auto again = store(by_ada(), "changed", "c1");
  ASSERT_TRUE(again);
  EXPECT_TRUE(again->repeated);
  EXPECT_EQ(again->message.id, first->message.id);
  EXPECT_EQ(again->message.content, "hello");
  EXPECT_EQ(again->message.username, "ada");
  EXPECT_EQ(again->message.created_at, first->message.created_at);
  const auto guest = store({{}, "g1", "Guest"}, "hi", "c1");
  ASSERT_TRUE(guest);
  EXPECT_FALSE(guest->repeated);
  EXPECT_TRUE(store({{}, "g1", "Guest"}, "hi", "c1")->repeated);
  EXPECT_FALSE(store({{}, "g2", "Guest"}, "hi", "c1")->repeated);

  const Answer history = world.get("/api/rooms/room/messages", ada);
  ASSERT_EQ(history.body.at("messages").as_array().size(), 3U);
  EXPECT_EQ(history.text("/messages/0/userId"), ada_id);
  EXPECT_TRUE(history.body.at("messages").at(1).at("userId").is_null());
  EXPECT_EQ(history.text("/messages/1/username"), "Guest");
  EXPECT_EQ(history.body.at("messages").at(1).as_object().size(), 6U);
}

TEST_P(Chat, BoundsContentAndClientId) {
  const std::string wide = "\u4E2D";
  std::string longest;
  for (int i = 0; i < 4000; ++i) longest += wide;
  EXPECT_TRUE(store(by_ada(), longest, "a"));
  EXPECT_EQ(store(by_ada(), longest + "x", "b").error().code, "VALIDATION_ERROR");
  EXPECT_EQ(store(by_ada(), " \n\t ", "c").error().code, "VALIDATION_ERROR");
  EXPECT_EQ(store(by_ada(), "x", "").error().code, "VALIDATION_ERROR");
  EXPECT_EQ(store(by_ada(), "x", std::string(65, 'x')).error().code, "VALIDATION_ERROR");
  EXPECT_EQ(world.run(world.chat.store("gone", by_ada(), "x", "d")).error().code, "ROOM_NOT_FOUND");
  for (const std::string odd : {"'; DROP TABLE \"Message\"; --", "<script>alert(1)</script>",
                                "$1 :x %s", "\U0001F600\u202E"}) {
    EXPECT_EQ(store(by_ada(), odd, odd)->message.content, odd);
  }
}

TEST_P(Chat, PagesThroughHistoryNewestLast) {
  for (int i = 0; i < 25; ++i) {
    if (i % 3 == 0) world.now += 1ms;  // several in one millisecond keep their order
    ASSERT_TRUE(store(by_ada(), std::to_string(i), std::to_string(i)));
  }
  std::vector<std::string> seen;
  std::string before;
  do {
    const Answer page = world.get(
        "/api/rooms/room/messages?limit=10" + (before.empty() ? "" : "&before=" + before), ada);
    ASSERT_EQ(page.status, 200U) << page.body;
    std::vector<std::string> contents;
    for (const auto& message : page.body.at("messages").as_array()) {
      contents.emplace_back(message.at("content").as_string());
    }
    seen.insert(seen.begin(), contents.begin(), contents.end());
    before = page.text("/nextCursor");
  } while (!before.empty());
  std::vector<std::string> expected;
  for (int i = 0; i < 25; ++i) expected.push_back(std::to_string(i));
  EXPECT_EQ(seen, expected);
  EXPECT_EQ(world.get("/api/rooms/room/messages", ada).body.at("messages").as_array().size(), 25U);
}

TEST_P(Chat, APageOfLargeMessagesHasFewerAndSaysThatThereAreMore) {
  std::string longest;
  for (int i = 0; i < 4000; ++i) longest += "\U0001F600";
  for (int i = 0; i < 40; ++i) {
    world.now += 1ms;
    ASSERT_TRUE(store(by_ada(), longest, std::to_string(i)));
  }
  std::size_t seen = 0;
  std::optional<std::string> before;
  do {
    const auto page = world.run(world.chat.history(room_id, before, 100));
    ASSERT_TRUE(page);
    EXPECT_LE(page->messages.size() * longest.size(), chat::kMessagePageOctets);
    seen += page->messages.size();
    before = page->next_cursor;
  } while (before);
  EXPECT_EQ(seen, 40U);
  const auto whole = world.run(world.chat.history(room_id, {}, 40, 10 * chat::kMessagePageOctets));
  EXPECT_EQ(whole->messages.size(), 40U);
}

TEST_P(Chat, ShowsHistoryToTheHostAndToWhoWasInside) {
  Browser bob = world.registered("bob");
  const std::string bob_id = world.get("/api/users/me", bob).text("/id");
  EXPECT_EQ(world.get("/api/rooms/room/messages", {}).status, 401U);
  EXPECT_EQ(world.get("/api/rooms/none/messages", bob).code(), "ROOM_NOT_FOUND");
  EXPECT_EQ(world.get("/api/rooms/room/messages", bob).code(), "FORBIDDEN");
  ASSERT_TRUE(world.run(world.rooms.record_visit(room_id, bob_id)));
  EXPECT_EQ(world.get("/api/rooms/room/messages", bob).status, 200U);
}

TEST_P(Chat, RefusesBadPages) {
  ASSERT_TRUE(store(by_ada(), "x", "x"));
  const std::string other = world.post("/api/rooms", {{"name", "y"}}, ada).text("/id");
  const auto foreign = world.run(world.chat.store(other, by_ada(), "x", "x"));
  for (const std::string& query :
       {std::string("limit=0"), std::string("limit=101"), std::string("before="),
        std::string("before=nothing"), std::string("before=' OR '1'='1"),
        "before=" + foreign->message.id}) {
    EXPECT_EQ(world.get("/api/rooms/room/messages?" + query, ada).code(), "VALIDATION_ERROR")
        << query;
  }
}

TEST_P(Chat, ShowsTheNameThatAnAccountHasNow) {
  ASSERT_TRUE(store(by_ada(), "x", "x"));
  ASSERT_EQ(world.patch("/api/users/me", {{"username", "lovelace"}}, ada).status, 200U);
  EXPECT_EQ(world.get("/api/rooms/room/messages", ada).text("/messages/0/username"), "lovelace");
}

INSTANTIATE_ON_BOTH_DATABASES(Chat);

}  // namespace
}  // namespace server
