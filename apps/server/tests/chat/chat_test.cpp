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
  chat::Author by_ada() const { return {ada_id, "", "ada", ""}; }
  static chat::Author by_guest(std::string id, std::string address = "192.0.2.7") {
    return {{}, std::move(id), "Guest", std::move(address)};
  }
  std::int64_t stored_octets() {
    db::Connection connection(database.url());
    const auto row = connection.select_one<std::int64_t>(
        R"(SELECT "octets" FROM "RoomChat" WHERE "roomId" = $1)", room_id);
    return row ? std::get<0>(*row) : 0;
  }

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
  const auto guest = store(by_guest("g1"), "hi", "c1");
  ASSERT_TRUE(guest);
  EXPECT_FALSE(guest->repeated);
  EXPECT_TRUE(store(by_guest("g1"), "hi", "c1")->repeated);
  EXPECT_FALSE(store(by_guest("g2"), "hi", "c1")->repeated);

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

TEST_P(Chat, APageEndsBeforeItIsTooLongAndTheNextGoesOn) {
  // Each is 24 000 octets as JSON: a page holds ten.
  const std::string unprintable(4'000, '\x01');
  for (int i = 0; i < 25; ++i) {
    ASSERT_TRUE(store(by_guest("g", "192.0.2." + std::to_string(i)),
                      std::to_string(i) + unprintable.substr(2), std::to_string(i)));
  }
  std::size_t seen = 0;
  std::string before;
  do {
    const Answer page = world.get(
        "/api/rooms/room/messages?limit=100" + (before.empty() ? "" : "&before=" + before), ada);
    ASSERT_EQ(page.status, 200U) << page.body;
    EXPECT_LE(page.response.body.size(), chat::kMessagePageOctetsMax + 100);
    const auto& messages = page.body.at("messages").as_array();
    ASSERT_GT(messages.size(), 0U);
    const std::string first = std::to_string(25 - seen - messages.size());
    EXPECT_TRUE(messages.front().at("content").as_string().starts_with(first + "\x01")) << first;
    seen += messages.size();
    before = page.text("/nextCursor");
    if (!before.empty()) EXPECT_GE(page.response.body.size(), chat::kMessagePageOctetsMax * 8 / 10);
  } while (!before.empty());
  EXPECT_EQ(seen, 25U);
}

TEST_P(Chat, CountsWhatARoomStoresHoweverItIsDeleted) {
  EXPECT_EQ(stored_octets(), 0);
  ASSERT_TRUE(store(by_ada(), "four", "a"));
  ASSERT_TRUE(store(by_ada(), "four", "a"));  // a retry
  ASSERT_TRUE(store(by_guest("g"), "\u00E9", "a"));
  EXPECT_EQ(stored_octets(), 4 + 2 + 2 * chat::kMessageOverhead);
  db::Connection connection(database.url());
  connection.execute(R"(DELETE FROM "Message" WHERE "guestId" = $1)", "g");
  EXPECT_EQ(stored_octets(), 4 + chat::kMessageOverhead);
  ASSERT_EQ(world.remove("/api/rooms/room", nullptr, ada).status, 204U);
  EXPECT_EQ(stored_octets(), 0);
}

TEST_P(Chat, ARoomStoresNoMoreThanItMay) {
  chat::ChatService chat(world.message_store, [this] { return world.now; }, world.random,
                         {.room_octets = 2 * (chat::kMessageOverhead + 10), .has_rates = false});
  const auto say = [&](const std::string& client_id) {
    return world.run(chat.store(room_id, by_guest("g"), "ten octets", client_id));
  };
  ASSERT_TRUE(say("1"));
  ASSERT_TRUE(say("2"));
  const auto refused = say("3");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "QUOTA_EXCEEDED");
  EXPECT_EQ(refused.error().details.at(0).field, "content");
  EXPECT_TRUE(say("2")->repeated) << "a retry of what is stored";
  EXPECT_EQ(world.run(chat.store("gone", by_ada(), "x", "d")).error().code, "ROOM_NOT_FOUND");
}

TEST_P(Chat, NobodyFloodsARoom) {
  chat::ChatService chat(world.message_store, [this] { return world.now; }, world.random,
                         {.author_octets_per_hour = 2 * (chat::kMessageOverhead + 1),
                          .room_octets_per_day = 5 * (chat::kMessageOverhead + 1)});
  int count = 0;
  const auto say = [&](const chat::Author& author) {
    const auto stored = world.run(chat.store(room_id, author, "x", std::to_string(++count)));
    return stored ? std::string("ok") : std::string(stored.error().code);
  };
  EXPECT_EQ(say(by_guest("g1")), "ok");
  EXPECT_EQ(say(by_guest("g2")), "ok");
  EXPECT_EQ(say(by_guest("g3")), "QUOTA_EXCEEDED") << "a new connection from the same address";
  EXPECT_EQ(say(by_guest("g4", "192.0.2.8")), "ok");
  world.now += 1h;
  EXPECT_EQ(say(by_guest("g1")), "ok") << "after an hour";
  EXPECT_EQ(say(by_ada()), "ok");
  EXPECT_EQ(say(by_ada()), "QUOTA_EXCEEDED") << "the room's day is over";
  world.now += 24h;
  EXPECT_EQ(say(by_ada()), "ok");
}

TEST_P(Chat, MessagesAreDeletedWhenTheyAreOldInBatches) {
  const int old = chat::kExpiryBatch + 3;
  for (int i = 0; i < old; ++i) {
    ASSERT_TRUE(store(by_guest(std::to_string(i), "10.0.0." + std::to_string(i)), "x", "x"));
  }
  world.now += 24h;
  ASSERT_TRUE(store(by_ada(), "young", "young"));
  world.now += 24h + 1ms;
  const auto expire = [&](int days) {
    return world.run(world.chat.remove_expired(std::chrono::days(days)));
  };
  EXPECT_FALSE(*expire(3));
  EXPECT_TRUE(*expire(2));
  EXPECT_FALSE(*expire(2));
  const auto history = world.run(world.chat.history(room_id, std::nullopt, 10));
  ASSERT_EQ(history->messages.size(), 1U);
  EXPECT_EQ(history->messages[0].content, "young");
  EXPECT_EQ(stored_octets(), 5 + chat::kMessageOverhead);
}

TEST_P(Chat, OneServerAtATimeDeletesOldMessages) {
  if (GetParam() == testing::Backend::Sqlite) return;  // its one writer is the lock
  ASSERT_TRUE(store(by_ada(), "x", "x"));
  world.now += 48h;
  db::Connection other(database.url());
  const auto at_it = [&] {
    other.execute_script("SELECT pg_advisory_xact_lock(7723046122)");
    EXPECT_FALSE(*world.run(world.chat.remove_expired(std::chrono::days(1))));
    EXPECT_GT(stored_octets(), 0);
  };
  other.transaction(at_it);
  EXPECT_FALSE(*world.run(world.chat.remove_expired(std::chrono::days(1))));
  EXPECT_EQ(stored_octets(), 0);
}

INSTANTIATE_ON_BOTH_DATABASES(Chat);

}  // namespace
}  // namespace server
