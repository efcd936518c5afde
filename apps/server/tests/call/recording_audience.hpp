// An audience that keeps what it is told, for the tests of the call.
#pragma once

#include <string>
#include <vector>

#include "call/notices.hpp"

namespace server::call {

class RecordingAudience final : public Audience {
 public:
  struct Told {
    std::string to;  // a peer, or "room <id> but <peer>"
    Notice notice;
  };

  void tell(const PeerId& peer, const Notice& notice) override { told.push_back({peer, notice}); }
  void tell_room(const std::string& room_id, const Notice& notice, const PeerId& except) override {
    told.push_back({"room " + room_id + " but " + except, notice});
  }
  void enter(const PeerId&, const std::string&) override {}
  void leave(const PeerId&, const std::string&) override {}
  void disconnect(const PeerId& peer) override { disconnected.push_back(peer); }
  void drop(const PeerId& peer) override { dropped.push_back(peer); }

  // What was told to `to`, of one kind, since the last clear().
  template <class Kind>
  std::vector<Kind> heard(const std::string& to) const {
    std::vector<Kind> found;
    for (const Told& one : told) {
      if (one.to == to && std::holds_alternative<Kind>(one.notice)) {
        found.push_back(std::get<Kind>(one.notice));
      }
    }
    return found;
  }
  void clear() { told.clear(); }

  std::vector<Told> told;
  std::vector<PeerId> disconnected;
  std::vector<PeerId> dropped;
};

}  // namespace server::call
