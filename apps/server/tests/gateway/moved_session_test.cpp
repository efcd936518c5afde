#include "gateway/moved_session.hpp"

#include <gtest/gtest.h>

namespace {

using namespace std::chrono_literals;
using namespace server::gateway;
namespace json = boost::json;

constexpr Instant kNow = Instant::at(1s);

MovedSession example() {
  sio::EventLog log(4);
  log.append(kNow, 7, {sio::make_frame(R"(42["a","7"])", false)}, kMovedLog);
  log.append(kNow, 9, {sio::make_frame(R"(42["ü","9"])", false)}, kMovedLog);
  return {{"socket", "pid", "/", std::move(log)}, json::object{{"name", "Bo"}}, "node", "room"};
}

// The example with one member changed.
std::string changed(std::string_view name, json::value value) {
  json::object made = json::parse(moved_to_text(example())).as_object();
  made[name] = std::move(value);
  return json::serialize(made);
}

TEST(MovedSession, ArrivesAsItLeft) {
  const auto arrived = moved_from_text(moved_to_text(example()), kNow);
  ASSERT_TRUE(arrived);
  EXPECT_EQ(arrived->session.socket, "socket");
  EXPECT_EQ(arrived->session.pid, "pid");
  EXPECT_EQ(arrived->session.nsp, "/");
  EXPECT_EQ(arrived->who, (json::object{{"name", "Bo"}}));
  EXPECT_EQ(arrived->home, "node");
  EXPECT_EQ(arrived->room, "room");
  const sio::EventLog& log = arrived->session.log;
  EXPECT_TRUE(log.holds_all_after(4));
  ASSERT_EQ(log.after(7).size(), 1U);
  EXPECT_EQ(log.after(7)[0]->payload(), R"(42["ü","9"])");
  EXPECT_EQ(log.last(), 9U);
}

TEST(MovedSession, TakesAttachmentsAlong) {
  MovedSession moved = example();
  const std::string octets("\xFF\0\x7F", 3);
  moved.session.log.append(
      kNow, 11,
      {sio::make_frame("452-[]", false), sio::make_frame(octets, true), sio::make_frame("", true)},
      kMovedLog);
  moved.session.log.append(kNow, 12, {sio::make_frame("42[]", false)}, kMovedLog);
  const auto arrived = moved_from_text(moved_to_text(moved), kNow);
  ASSERT_TRUE(arrived);
  const auto frames = arrived->session.log.after(9);
  ASSERT_EQ(frames.size(), 4U);
  EXPECT_EQ(frames[1]->payload(), octets);
  EXPECT_TRUE(frames[1]->binary && frames[2]->binary);
  EXPECT_EQ(frames[3]->payload(), "42[]");
  EXPECT_EQ(arrived->session.log.after(11).size(), 1U);
}

TEST(MovedSession, RefusesWhatIsNone) {
  const std::string whole = moved_to_text(example());
  for (const std::string& text :
       {std::string(), std::string("null"), whole.substr(1), changed("pid", 1),
        changed("who", nullptr).substr(0, 20), changed("dropped", -1), changed("dropped", 7),
        changed("log", json::array{json::array{5}}), changed("log", json::array{json::array{5, 6}}),
        changed("log", json::array{json::array{1U << 2, "early"}}),
        changed("log", json::array{json::array{5, "451-[]", "not base64"}}),
        changed("log", json::array{json::array{5, "451-[]", 6}}),
        changed("log", json::array{json::array{1LL << 54, "late"}})}) {
    EXPECT_FALSE(moved_from_text(text, kNow)) << text;
  }
}

TEST(MovedSession, RefusesWhatIsBeyondTheBounds) {
  json::array many;
  for (std::uint64_t offset = 5; offset < 5 + kMovedLog.entries_max; ++offset) {
    many.push_back(json::array{offset, "x"});
  }
  EXPECT_TRUE(moved_from_text(changed("log", many), kNow));
  many.push_back(json::array{1'000'000, "x"});
  EXPECT_FALSE(moved_from_text(changed("log", many), kNow));
  const std::string large(kMovedLog.bytes_max + 1, 'x');
  EXPECT_FALSE(moved_from_text(changed("log", json::array{json::array{5, large}}), kNow));
  EXPECT_FALSE(moved_from_text(changed("who", json::string(3 << 20, 'x')), kNow));
  json::value deep;
  for (int i = 0; i < 10; ++i) deep = json::array{deep};
  EXPECT_FALSE(moved_from_text(changed("who", deep), kNow));
}

}  // namespace
