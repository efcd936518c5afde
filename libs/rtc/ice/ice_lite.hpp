// The controlled, lite side of ICE (RFC 8445 sections 2.5 and 7.3).
#pragma once

#include <array>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/random.hpp"
#include "base/time.hpp"
#include "rtc/ice/path.hpp"
#include "rtc/stun/stun_view.hpp"

namespace rtc {

struct IceCredentials {
  std::string username_fragment;  // 16 characters: 96 bits
  std::string password;           // 32 characters: 192 bits

  static IceCredentials generate(Random& random);
};

// Our half of the user name of a check, "ours:theirs" (RFC 8445 section 7.2.2), by which the shell
// finds whom it is for; nullopt when it has another form.
std::optional<std::string_view> local_username_fragment(const StunView& message);

// Answers checks, follows the nomination of the browser, and gives up when checks stop coming: a
// lite agent makes none, so theirs stand for consent (RFC 7675 section 5.1).
//
// Addresses count as validated once an authentic check came from them. What is not authentic is
// dropped without an answer and changes nothing: an error answer would help nobody but whoever
// looks for us (RFC 8489 section 9.1.3 would have us send 401). A check counts once: repeated from
// its own address it is answered again, from elsewhere it is an eavesdropper's.
class IceLite {
 public:
  enum class Drop : std::uint8_t {
    NotACheck,     // an answer, an indication, or another method
    UnknownUser,   // not our user name
    BadIntegrity,  // right user, wrong or no password
    Replayed,      // came before, and from elsewhere
  };

  struct Answer {
    Bytes datagram;             // in the caller's buffer
    bool path_changed = false;  // path() is another one now
  };

  static constexpr Duration kConsent = std::chrono::seconds{30};  // RFC 7675 section 5.1
  static constexpr std::size_t kPathsMax = 16;  // validated at a time; the oldest makes room
  // Checks that are known again: those of minutes, as a browser makes one every few seconds.
  static constexpr std::size_t kChecksKept = 128;
  static constexpr std::size_t kAnswerMax = 160;  // octets

  IceLite(Instant now, IceCredentials credentials);

  const IceCredentials& credentials() const { return credentials_; }

  // New credentials; the old ones serve until the first check with the new ones (RFC 8445 section
  // 9), so that media goes on meanwhile.
  void restart(IceCredentials credentials);
  // True for a user name fragment that handle() would take.
  bool knows(std::string_view username_fragment) const;

  // `buffer` has kAnswerMax octets. No answer is longer than what it answers.
  std::expected<Answer, Drop> handle(Instant now, const StunView& message, const Path& from,
                                     MutableBytes buffer);

  // The nominated path; before the nomination the first validated one, else nullopt.
  const std::optional<Path>& path() const { return path_; }
  bool is_validated(Instant now, const Path& path) const;
  // A TCP connection that closed is no path any more.
  void forget(const Path& path);
  // Media must not go on to where nobody consents any more: the next check finds a path anew.
  void lose_path();

  // True once nothing has been heard on any path for kConsent: what is sent then goes nowhere.
  bool is_lost(Instant now) const { return now >= next_timeout(); }
  Instant next_timeout() const { return consent_until_; }

 private:
  struct Validated {
    Path path;
    Instant until;
  };

  const IceCredentials* credentials_of(std::string_view username_fragment) const;
  void validate(Instant now, const Path& path);
  bool is_used(const TransactionId& transaction) const;

  IceCredentials credentials_;
  std::optional<IceCredentials> previous_;
  std::optional<Path> path_;
  bool is_nominated_ = false;
  Instant consent_until_;
  std::array<Validated, kPathsMax> validated_{};
  std::size_t validated_count_ = 0;
  std::array<TransactionId, kChecksKept> used_{};
  std::size_t used_count_ = 0;
};

}  // namespace rtc
