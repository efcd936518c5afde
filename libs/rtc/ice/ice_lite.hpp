// The controlled, lite side of ICE (RFC 8445 sections 2.5 and 7.3).
#pragma once

#include <algorithm>
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
  // Never leaves the server: what new addresses are asked is derived from it.
  std::string challenge_key = {};

  static IceCredentials generate(Random& random);
};

// Our half of the user name of a check, "ours:theirs" (RFC 8445 section 7.2.2), by which the shell
// finds whom it is for; nullopt when it has another form.
std::optional<std::string_view> local_username_fragment(const StunView& message);

// Answers checks, follows the nomination of the browser, and gives up when checks stop coming
// (RFC 7675 section 5.1).
//
// An address is *validated* once an authentic check came from it: what it sends is listened to.
// Whoever takes part can make authentic checks and forge their source, so media needs more: an
// address is *proven* once it has answered a Binding request of ours, whose transaction id only it
// can have seen, or has completed the DTLS handshake; TCP has proven it by its own handshake. Media
// goes to proven addresses alone. Until a newly nominated address is proven, which takes one round
// trip, media stays with the one before.
//
// A browser whose NAT gives it another address does not know of that, and may nominate nothing. So
// once no check has come over the path for kSilent, an address that checks do come from, and that
// is proven, takes its place. A check over the old path meanwhile keeps it.
//
// We do not know the browser's ICE password, so our request carries no credentials, and the answer
// is the error 400 that RFC 8489 section 9.1.3 prescribes for an ICE agent. A plain STUN server
// would answer with success, which proves nothing.
//
// What is not authentic is dropped without an answer and changes nothing: an error answer would
// help nobody but whoever looks for us (RFC 8489 section 9.1.3 would have us send 401). A check
// counts once: repeated from its own address it is answered again, from elsewhere it is an
// eavesdropper's.
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
  // Of a path: browsers make a check every 2.5 s, and two may get lost.
  static constexpr Duration kSilent = std::chrono::seconds{6};
  static constexpr std::size_t kPathsMax = 16;  // validated at a time; the oldest makes room
  // Checks that are known again: those of minutes, as a browser makes one every few seconds.
  static constexpr std::size_t kChecksKept = 128;
  static constexpr std::size_t kAnswerMax = 160;     // octets
  static constexpr std::size_t kChallengeSize = 28;  // octets
  // Challenges in a row, 200 ms, 400 ms and so on apart; the next check begins anew.
  static constexpr unsigned kChallengesMax = 4;
  static constexpr Duration kChallengeInterval = std::chrono::milliseconds{200};
  // What an unproven address may get: as many octets as came from it and four challenges, and
  // during the DTLS handshake three times as many as came from it (RFC 9000 section 8.1).
  static constexpr std::size_t kGrace = kChallengesMax * kChallengeSize;
  static constexpr std::size_t kAmplification = 3;

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

  // The nominated path; before the nomination the first validated one, else nullopt. While a newly
  // nominated one is unproven, the proven one before it. When it is silent, another that is not.
  const std::optional<Path>& path() const { return path_; }
  bool is_validated(Instant now, const Path& path) const;
  // There is a path(), and media may go there.
  bool is_proven() const { return is_proven_; }
  // It has shown by other means that it sees what is sent to it.
  void prove(const Path& path);
  // The answer to a challenge. False when it proves nothing.
  bool handle_answer(const StunView& message, const Path& from);

  struct Challenge {
    Path to;
    Bytes datagram;  // in the caller's buffer
  };
  // What is to be asked of an unproven address now. `buffer` has kAnswerMax octets.
  std::optional<Challenge> poll_challenge(Instant now, MutableBytes buffer);

  // Octets from a validated path other than checks.
  void note_received(const Path& path, std::size_t octets);
  // True when so many octets of DTLS may go there, and counts them.
  bool may_send_dtls(const Path& path, std::size_t octets);
  // A TCP connection that closed is no path any more.
  void forget(const Path& path);
  // Media must not go on to where nobody consents any more: the next check finds a path anew.
  void lose_path();

  // True once nothing has been heard on any path for kConsent: what is sent then goes nowhere.
  bool is_lost(Instant now) const { return now >= consent_until_; }
  Instant next_timeout() const { return std::min(consent_until_, challenge_at_); }

 private:
  struct Validated {
    Path path;
    Instant until;
    bool is_proven = false;
    std::size_t received = 0;  // octets, both while it is unproven
    std::size_t sent = 0;
  };

  const IceCredentials* credentials_of(std::string_view username_fragment) const;
  Validated* find(const Path& path);
  const Validated* find(const Path& path) const;
  Validated& validate(Instant now, const Path& path);
  bool is_silent(Instant now, const Path& path) const;
  void follow(Instant now, const Validated& from, bool nominates);
  void move_to(const Validated& target, bool nominates);
  void challenge(Instant now);
  bool is_used(const TransactionId& transaction) const;

  IceCredentials credentials_;
  std::optional<IceCredentials> previous_;
  std::optional<Path> path_;
  bool is_nominated_ = false;
  bool is_proven_ = false;      // path_
  std::optional<Path> wanted_;  // to take the place of path_, but unproven, while path_ is proven
  bool wanted_is_nominated_ = false;  // else path_ was silent
  Instant consent_until_;

  std::optional<Path> challenged_;  // which address is being asked
  TransactionId challenge_{};
  unsigned challenges_sent_ = 0;  // of this round
  Instant challenge_at_ = Instant::never();
  std::uint32_t challenge_count_ = 0;  // makes each transaction id another

  std::array<Validated, kPathsMax> validated_{};
  std::size_t validated_count_ = 0;
  std::array<TransactionId, kChecksKept> used_{};
  std::size_t used_count_ = 0;
};

}  // namespace rtc
