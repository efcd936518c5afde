#include "sfu/room_speakers.hpp"

#include <algorithm>

namespace server::sfu {

std::optional<SpeakersChanged> RoomSpeakers::news(const SpeakersChanged& by_voice) {
  SpeakersChanged people{.room = by_voice.room, .peers = {}, .dominant = by_voice.dominant};
  for (const std::string& peer : by_voice.peers) {
    const bool is_new = std::ranges::find(people.peers, peer) == people.peers.end();
    if (is_new) people.peers.push_back(peer);
  }
  if (told_ == people) return std::nullopt;
  return told_ = std::move(people);
}

}  // namespace server::sfu
