#include "sfu/room_speakers.hpp"

#include <gtest/gtest.h>

namespace {

using namespace server::sfu;
using Names = std::vector<std::string>;

SpeakersChanged spoken(Names voices, std::optional<std::string> dominant = std::nullopt) {
  return {.room = "r", .peers = std::move(voices), .dominant = std::move(dominant)};
}

TEST(RoomSpeakers, WhoHasTwoVoicesIsNamedOnceAndToldOnce) {
  RoomSpeakers speakers;
  const auto first = speakers.news(spoken({"ada", "bo", "ada"}, "ada"));
  ASSERT_TRUE(first);
  EXPECT_EQ(*first, spoken({"ada", "bo"}, "ada"));
  EXPECT_FALSE(speakers.news(spoken({"ada", "bo"}, "ada"))) << "one of ada's voices fell silent";
  EXPECT_FALSE(speakers.news(spoken({"ada", "ada", "bo"}, "ada")));
}

TEST(RoomSpeakers, EveryChangeOfPeopleIsNews) {
  RoomSpeakers speakers;
  EXPECT_TRUE(speakers.news(spoken({})));
  EXPECT_TRUE(speakers.news(spoken({"ada", "bo"})));
  EXPECT_TRUE(speakers.news(spoken({"bo", "ada"})));
  EXPECT_TRUE(speakers.news(spoken({"bo", "ada"}, "bo")));
  EXPECT_TRUE(speakers.news(spoken({}, "bo")));
  EXPECT_TRUE(speakers.news(spoken({})));
}

}  // namespace
