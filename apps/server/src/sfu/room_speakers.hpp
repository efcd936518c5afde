// Who speaks in a room, by people instead of voices.
#pragma once

#include <optional>

#include "sfu/commands.hpp"

namespace server::sfu {

// Who has two voices is named once, and what changes between the two is no news.
class RoomSpeakers {
 public:
  // `by_voice` names the person of each voice. nullopt where it says what was told last.
  std::optional<SpeakersChanged> news(const SpeakersChanged& by_voice);

 private:
  std::optional<SpeakersChanged> told_;
};

}  // namespace server::sfu
