#include "gateway/remote_place.hpp"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "gateway/moved_session.hpp"

namespace {

using namespace std::chrono_literals;
using namespace server::gateway;
namespace json = boost::json;

constexpr Instant kThen = Instant::at(500s);
constexpr Instant kNow = Instant::at(1s);  // of another server's clock

RemotePlace moving(int events) {
  RemotePlace place{"node", Backlog(kThen + -30s)};
  for (int i = 0; i < events; ++i) place.missed->add(Backlog::event("said", i));
  return place;
}
RemotePlace arrived(const RemotePlace& place) {
  return to_remote_place(to_json(place, kThen), kNow);
}

TEST(RemotePlace, IsAServer) {
  const RemotePlace place = arrived({"node", {}});
  EXPECT_EQ(place.edge, "node");
  EXPECT_FALSE(place.missed);
}

TEST(RemotePlace, OfOneOnItsWayHoldsWhatItMissedAndTheTimeLeft) {
  const RemotePlace place = arrived(moving(2));
  ASSERT_TRUE(place.missed);
  ASSERT_EQ(place.missed->events().size(), 2U);
  EXPECT_EQ(place.missed->events()[1]->name, "said");
  EXPECT_EQ(place.missed->events()[1]->payload, 1);
  EXPECT_FALSE(place.missed->is_over(kNow + (90s - 1us)));
  EXPECT_TRUE(place.missed->is_over(kNow + 90s));
}

TEST(RemotePlace, OfOneWhoMissedTooMuchIsOver) {
  const int most = static_cast<int>(kMovedLog.entries_max);
  EXPECT_FALSE(arrived(moving(most)).missed->is_over(kNow));
  EXPECT_TRUE(arrived(moving(most + 1)).missed->is_over(kNow));
  RemotePlace large = moving(0);
  large.missed->add(Backlog::event("said", json::string(kMovedLog.bytes_max + 1, 'x')));
  EXPECT_TRUE(arrived(large).missed->is_over(kNow));
  EXPECT_TRUE(arrived(large).missed->events().empty());
}

TEST(RemotePlace, GivesNobodyMoreThanTheRecoveryTime) {
  const json::object made{{"edge", "node"}, {"missed", json::array()}, {"leftMs", 1LL << 60}};
  EXPECT_TRUE(to_remote_place(made, kNow).missed->is_over(kNow + Backlog::kLasts));
}

TEST(RemotePlace, RefusesWhatIsNone) {
  const json::object whole = to_json(moving(1), kThen).as_object();
  for (const char* name : {"edge", "leftMs", "missed"}) {
    json::object changed = whole;
    changed[name] = "";
    if (changed.at("edge") == "") changed["edge"] = 7;
    EXPECT_THROW(to_remote_place(changed, kNow), std::exception) << name;
  }
  json::object changed = whole;
  changed["missed"] = json::array{json::array{"said"}};
  EXPECT_THROW(to_remote_place(changed, kNow), std::exception);
  EXPECT_THROW(to_remote_place(nullptr, kNow), std::exception);
}

}  // namespace
