// What a socket misses while it moves from one server to another: kept in order, within bounds.
#pragma once

#include <boost/json.hpp>
#include <memory>
#include <string>
#include <vector>

#include "base/time.hpp"

namespace server::gateway {

class Backlog {
 public:
  struct Event {
    std::string name;
    boost::json::value payload;
    std::size_t octets = 0;
  };
  using EventRef = std::shared_ptr<const Event>;  // one for all that miss a broadcast

  static constexpr Duration kLasts = std::chrono::minutes{2};  // contract: recovery
  static constexpr std::size_t kEventsMax = 10'000;
  static constexpr std::size_t kOctetsMax = 4 * 1024 * 1024;  // shared ones counted in full

  // `since`: when its connection was lost.
  explicit Backlog(Instant since) : until_(since + kLasts) {}

  static EventRef event(std::string_view name, const boost::json::value& payload) {
    return std::make_shared<const Event>(std::string(name), payload,
                                         boost::json::serialize(payload).size());
  }

  // One more than it holds is the end: nobody goes on with a gap.
  void add(EventRef event) {
    octets_ += event->octets;
    if (events_.size() == kEventsMax || octets_ > kOctetsMax) return end();
    events_.push_back(std::move(event));
  }
  void end() {
    events_.clear();
    has_ended_ = true;
  }

  // Whether the socket's time is over, or what it missed is not all here.
  bool is_over(Instant now) const { return has_ended_ || until_ <= now; }
  const std::vector<EventRef>& events() const { return events_; }
  std::size_t octets() const { return octets_; }
  Instant until() const { return until_; }

 private:
  Instant until_;
  bool has_ended_ = false;
  std::size_t octets_ = 0;
  std::vector<EventRef> events_;
};

}  // namespace server::gateway
