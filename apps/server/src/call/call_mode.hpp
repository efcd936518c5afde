// Which way media takes in a room: peer to peer up to a size, beyond it through the SFU.
#pragma once

#include <optional>
#include <string_view>

#include "base/time.hpp"

namespace server::call {

enum class Mode : std::uint8_t { P2p, Sfu };
constexpr std::string_view name_of(Mode mode) { return mode == Mode::P2p ? "p2p" : "sfu"; }

// Why a room moved.
enum class MoveReason : std::uint8_t { Size, P2pFailed, Host };
constexpr std::string_view name_of(MoveReason reason) {
  switch (reason) {
    case MoveReason::P2pFailed:
      return "p2p-failed";
    case MoveReason::Host:
      return "host";
    case MoveReason::Size:
      break;
  }
  return "size";
}

// Functions that may change the mode say whether they did.
class CallMode {
 public:
  static constexpr Duration kPatience = std::chrono::seconds{5};  // of the smaller size

  CallMode() = default;
  // As it was at another server.
  CallMode(Mode mode, bool is_kept, bool has_failed)
      : mode_(mode), is_kept_(is_kept), has_failed_(has_failed) {}

  Mode mode() const { return mode_; }
  bool is_kept() const { return is_kept_; }

  // Somebody came: what is too large for a mesh goes through the SFU at once.
  bool grow(std::size_t people, std::size_t p2p_max) {
    if (people <= p2p_max) return false;
    smaller_since_.reset();
    return set(Mode::Sfu);
  }
  // Time passes: back to peer to peer, once the room has been small for long enough.
  bool settle(std::size_t people, std::size_t p2p_max, Instant now) {
    if (mode_ == Mode::P2p || is_kept_ || people > p2p_max) return false;
    if (!smaller_since_) smaller_since_ = now;
    return now - *smaller_since_ >= kPatience && set(Mode::P2p);
  }
  // Through the SFU until the room is empty, or until the host undoes the host's own wish.
  bool keep_sfu(MoveReason reason) {
    is_kept_ = true;
    has_failed_ = has_failed_ || reason == MoveReason::P2pFailed;
    return set(Mode::Sfu);
  }
  // Not where peer to peer has failed: has_failed().
  bool allow_p2p() {
    is_kept_ = false;
    return set(Mode::P2p);
  }
  bool has_failed() const { return has_failed_; }

 private:
  bool set(Mode mode) {
    if (mode == mode_) return false;
    mode_ = mode;
    smaller_since_.reset();
    return true;
  }

  Mode mode_ = Mode::P2p;
  bool is_kept_ = false;
  bool has_failed_ = false;
  std::optional<Instant> smaller_since_;
};

}  // namespace server::call
