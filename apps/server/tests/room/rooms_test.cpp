// Rooms as REST shows them, on both databases.
#include <gmock/gmock.h>

#include "../auth/accounts_world.hpp"

namespace server {
namespace {

using namespace std::chrono_literals;
using testing::AccountsWorld;
using testing::Answer;
using testing::Browser;

class Rooms : public ::testing::TestWithParam<testing::Backend> {
 protected:
  testing::EmptyDatabase database{GetParam()};
};

std::string id_of(AccountsWorld& world, const Browser& browser) {
  return world.get("/api/users/me", browser).text("/id");
}

std::vector<std::string> slugs(const Answer& answer) {
  std::vector<std::string> found;
  for (const auto& room : answer.body.at("rooms").as_array()) {
    found.emplace_back(room.at("slug").as_string());
  }
  return found;
}

TEST_P(Rooms, AreCreatedWithAGeneratedCode) {
  AccountsWorld world(database.url());
  Browser ada = world.registered("ada");
  const Answer made = world.post("/api/rooms", {{"name", "  Weekly  "}}, ada);
  ASSERT_EQ(made.status, 201U) << made.body;
  EXPECT_THAT(made.text("/slug"), ::testing::MatchesRegex("[a-z]{3}-[a-z]{4}-[a-z]{3}"));
  EXPECT_EQ(made.text("/name"), "Weekly");
  EXPECT_EQ(made.text("/host/username"), "ada");
  EXPECT_EQ(made.text("/hostId"), id_of(world, ada));
  EXPECT_EQ(made.body.at("locked"), boost::json::value(false));
  EXPECT_EQ(made.body.at("lobby"), boost::json::value(false));
  EXPECT_EQ(made.body.at("guests"), boost::json::value(true));
  EXPECT_EQ(made.body.at("peerCount").to_number<int>(), 7);
  EXPECT_EQ(made.body.as_object().size(), 11U);
  EXPECT_EQ(world.get("/api/rooms/" + made.text("/slug"), {}).response.body, made.response.body);
}

TEST_P(Rooms, RefuseBadNamesAndCodes) {
  AccountsWorld world(database.url());
  Browser ada = world.registered("ada");
  const auto code = [&](const boost::json::value& body) {
    return world.post("/api/rooms", body, ada).code();
  };
  const std::string eighty(80, 'x');
  EXPECT_EQ(code({{"name", "ok"}, {"slug", "my-room"}}), "");
  EXPECT_EQ(code({{"name", "ok"}, {"slug", "my-room"}}), "SLUG_TAKEN");
  EXPECT_EQ(code({{"name", eighty}}), "");
  EXPECT_EQ(code({{"name", eighty + "x"}}), "VALIDATION_ERROR");
  EXPECT_EQ(code({{"name", "   "}}), "VALIDATION_ERROR");
  const std::vector<std::string> bad{
      "ab", "Abc", "a b", "a/b", "..", "abc\n", "\u00E4bc", "abc'--", std::string(65, 'a')};
  for (const std::string& slug : bad) {
    EXPECT_EQ(code({{"name", "ok"}, {"slug", slug}}), "VALIDATION_ERROR") << slug;
    EXPECT_EQ(world.get("/api/rooms/" + slug, {}).status, 404U) << slug;
  }
  EXPECT_EQ(code({{"name", "ok"}, {"hostId", "x"}}), "VALIDATION_ERROR");
  Browser nobody;
  EXPECT_EQ(world.post("/api/rooms", {{"name", "ok"}}, nobody).status, 401U);
}

TEST_P(Rooms, OneOfManyCreationsOfACodeSucceeds) {
  AccountsWorld world(database.url());
  const Browser ada = world.registered("ada");
  std::vector<http::Request> requests;
  for (int i = 0; i < 32; ++i) {
    requests.push_back(AccountsWorld::make_request(http::Method::Post, "/api/rooms",
                                                   R"({"name":"x","slug":"same"})", ada));
  }
  int made = 0, taken = 0;
  for (const Answer& answer : world.ask_all(std::move(requests))) {
    made += answer.status == 201;
    taken += answer.code() == "SLUG_TAKEN";
  }
  EXPECT_EQ(made, 1);
  EXPECT_EQ(taken, 31);
}

TEST_P(Rooms, AreListedByLastEntryPageByPage) {
  AccountsWorld world(database.url());
  Browser ada = world.registered("ada");
  Browser bob = world.registered("bob");
  for (int i = 0; i < 5; ++i) {
    world.now += 1s;
    const std::string slug = "ada-" + std::to_string(i);
    ASSERT_EQ(world.post("/api/rooms", {{"name", "x"}, {"slug", slug}}, ada).status, 201U);
  }
  const Answer his = world.post("/api/rooms", {{"name", "x"}, {"slug", "bobs"}}, bob);
  world.now += 1s;
  const std::string ada_id = id_of(world, ada);
  ASSERT_TRUE(world.run(world.rooms.record_visit(his.text("/id"), ada_id)));
  world.now += 1s;
  const std::string first = world.get("/api/rooms/ada-0", {}).text("/id");
  ASSERT_TRUE(world.run(world.rooms.record_visit(first, ada_id)));

  const Answer all = world.get("/api/rooms", ada);
  EXPECT_THAT(slugs(all),
              ::testing::ElementsAre("ada-0", "bobs", "ada-4", "ada-3", "ada-2", "ada-1"));
  EXPECT_TRUE(all.body.at("nextCursor").is_null());
  std::vector<std::string> paged;
  std::string cursor;
  do {
    const Answer page =
        world.get("/api/rooms?limit=2" + (cursor.empty() ? "" : "&cursor=" + cursor), ada);
    ASSERT_EQ(page.status, 200U) << page.body;
    EXPECT_LE(slugs(page).size(), 2U);
    std::ranges::copy(slugs(page), std::back_inserter(paged));
    cursor = page.text("/nextCursor");
  } while (!cursor.empty());
  EXPECT_EQ(paged, slugs(all));
  EXPECT_THAT(slugs(world.get("/api/rooms", bob)), ::testing::ElementsAre("bobs"));
}

TEST_P(Rooms, RefuseBadPages) {
  AccountsWorld world(database.url());
  const Browser ada = world.registered("ada");
  for (const std::string query : {"limit=0", "limit=101", "limit=x", "limit=", "limit=1e1",
                                  "cursor=", "cursor=x", "cursor=AAAA", "limit=-1"}) {
    EXPECT_EQ(world.get("/api/rooms?" + query, ada).code(), "VALIDATION_ERROR") << query;
  }
  EXPECT_EQ(world.get("/api/rooms?limit=100", ada).status, 200U);
  EXPECT_EQ(world.get("/api/rooms", {}).status, 401U);
}

TEST_P(Rooms, AreChangedAndEndedByTheirHostAlone) {
  AccountsWorld world(database.url());
  Browser ada = world.registered("ada");
  Browser bob = world.registered("bob");
  const Answer made = world.post("/api/rooms", {{"name", "x"}, {"slug", "room"}}, ada);
  world.now += 1s;
  const Answer changed =
      world.patch("/api/rooms/room", {{"name", "y"}, {"locked", true}, {"guests", false}}, ada);
  ASSERT_EQ(changed.status, 200U) << changed.body;
  EXPECT_EQ(changed.text("/name"), "y");
  EXPECT_EQ(changed.body.at("locked"), boost::json::value(true));
  EXPECT_EQ(changed.body.at("lobby"), boost::json::value(false));
  EXPECT_EQ(changed.body.at("guests"), boost::json::value(false));
  EXPECT_GT(changed.text("/updatedAt"), changed.text("/createdAt"));
  EXPECT_EQ(world.patch("/api/rooms/room", {{"lobby", true}}, ada).text("/name"), "y");
  EXPECT_EQ(world.patch("/api/rooms/room", {{"locked", 1}}, ada).code(), "VALIDATION_ERROR");
  EXPECT_EQ(world.patch("/api/rooms/room", {{"name", ""}}, ada).code(), "VALIDATION_ERROR");
  EXPECT_EQ(world.patch("/api/rooms/room", {{"name", "z"}}, bob).code(), "FORBIDDEN");
  EXPECT_EQ(world.patch("/api/rooms/none", {{"name", "z"}}, bob).code(), "ROOM_NOT_FOUND");
  EXPECT_EQ(world.remove("/api/rooms/room", nullptr, bob).code(), "FORBIDDEN");

  const std::string id = made.text("/id");
  ASSERT_TRUE(world.run(world.chat.store(id, {{}, "guest", "G", {}}, "hi", "1")));
  world.events.clear();
  EXPECT_EQ(world.remove("/api/rooms/room", nullptr, ada).status, 204U);
  EXPECT_EQ(std::get<cluster::RoomDeleted>(world.events.at(0)).room_id, id);
  EXPECT_EQ(world.get("/api/rooms/room", {}).code(), "ROOM_NOT_FOUND");
  EXPECT_EQ(world.remove("/api/rooms/room", nullptr, ada).status, 404U);
  EXPECT_TRUE(slugs(world.get("/api/rooms", ada)).empty());
}

TEST_P(Rooms, AreHandedOver) {
  AccountsWorld world(database.url());
  Browser ada = world.registered("ada");
  Browser bob = world.registered("bob");
  const std::string id =
      world.post("/api/rooms", {{"name", "x"}, {"slug", "room"}}, ada).text("/id");
  const auto room = world.run(world.rooms.set_host(id, id_of(world, bob)));
  ASSERT_TRUE(room);
  EXPECT_EQ(room->host_username, "bob");
  EXPECT_EQ(world.patch("/api/rooms/room", {{"locked", true}}, ada).status, 403U);
  EXPECT_EQ(world.patch("/api/rooms/room", {{"locked", true}}, bob).status, 200U);
  EXPECT_THAT(slugs(world.get("/api/rooms", bob)), ::testing::ElementsAre("room"));
  EXPECT_TRUE(slugs(world.get("/api/rooms", ada)).empty()) << "neither host nor ever inside";
  EXPECT_EQ(world.run(world.rooms.set_host("gone", id_of(world, bob))).error().code,
            "ROOM_NOT_FOUND");
  EXPECT_EQ(world.run(world.rooms.set_host(id, "gone")).error().code, "USER_NOT_FOUND");
  EXPECT_EQ(world.run(world.rooms.record_visit("gone", id_of(world, bob))).error().code,
            "ROOM_NOT_FOUND");
}

TEST_P(Rooms, CreationIsRateLimited) {
  AccountsWorld world(database.url(), {.rate_limit = true});
  Browser ada = world.registered("ada");
  for (int i = 0; i < 40; ++i) {
    ASSERT_EQ(world.post("/api/rooms", {{"name", "x"}}, ada).status, 201U);
  }
  ada.address = "203.0.113.77";
  const Answer limited = world.post("/api/rooms", {{"name", "x"}}, ada);
  EXPECT_EQ(limited.status, 429U);
  EXPECT_EQ(limited.header("Retry-After"), "3");
}

INSTANTIATE_ON_BOTH_DATABASES(Rooms);

}  // namespace
}  // namespace server
