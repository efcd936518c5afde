#include "rtc/ice/ice_lite.hpp"

#include <algorithm>
#include <span>
#include <utility>

#include "rtc/stun/stun_builder.hpp"
#include "rtc/stun/stun_digest.hpp"

namespace rtc {

namespace {

constexpr unsigned kBadRequest = 400;        // RFC 8489 section 14.8
constexpr unsigned kUnknownAttribute = 420;  // RFC 8489 section 14.8
constexpr unsigned kRoleConflict = 487;      // RFC 8445 section 7.3.1.1

// The error that an authentic request earns, or nullopt.
std::optional<unsigned> error_of(const StunView& request) {
  if (request.unknown_required_count > 0) return kUnknownAttribute;
  if (!request.priority) return kBadRequest;
  // We are always controlled; a peer that says the same must take the other role.
  if (request.ice_controlled) return kRoleConflict;
  return std::nullopt;
}

Bytes write_answer(const StunView& request, const Path& from, std::string_view password,
                   std::optional<unsigned> error, MutableBytes buffer) {
  StunBuilder answer(buffer, error ? StunClass::Error : StunClass::Success, kStunBinding,
                     request.transaction);
  if (error) {
    answer.error_code(*error, "");
    if (*error == kUnknownAttribute) {
      answer.unknown_attributes(
          std::span(request.unknown_required).first(request.unknown_required_count));
    }
  } else {
    answer.xor_mapped_address(from.remote);
  }
  return answer.finish({.key = bytes_of(password), .fingerprint = request.has_fingerprint});
}

}  // namespace

IceCredentials IceCredentials::generate(Random& random) {
  return {.username_fragment = random.url_safe(16),
          .password = random.url_safe(32),
          .challenge_key = random.url_safe(32)};
}

std::optional<std::string_view> local_username_fragment(const StunView& message) {
  if (!message.username) return std::nullopt;
  const std::size_t colon = message.username->find(':');
  if (colon == std::string_view::npos || colon == 0) return std::nullopt;
  return message.username->substr(0, colon);
}

IceLite::IceLite(Instant now, IceCredentials credentials)
    : credentials_(std::move(credentials)), consent_until_(now + kConsent) {}

void IceLite::restart(IceCredentials credentials) {
  previous_ = std::exchange(credentials_, std::move(credentials));
}

const IceCredentials* IceLite::credentials_of(std::string_view username_fragment) const {
  if (username_fragment == credentials_.username_fragment) return &credentials_;
  if (previous_ && username_fragment == previous_->username_fragment) return &*previous_;
  return nullptr;
}

bool IceLite::knows(std::string_view username_fragment) const {
  return credentials_of(username_fragment) != nullptr;
}

std::expected<IceLite::Answer, IceLite::Drop> IceLite::handle(Instant now, const StunView& message,
                                                              const Path& from,
                                                              MutableBytes buffer) {
  const bool is_check =
      message.message_class == StunClass::Request && message.method == kStunBinding;
  if (!is_check) return std::unexpected(Drop::NotACheck);
  const auto fragment = local_username_fragment(message);
  const IceCredentials* const used = fragment ? credentials_of(*fragment) : nullptr;
  if (used == nullptr) return std::unexpected(Drop::UnknownUser);
  if (!message.is_authentic(bytes_of(used->password))) return std::unexpected(Drop::BadIntegrity);
  const bool is_known = is_used(message.transaction);
  if (is_known && !is_validated(now, from)) return std::unexpected(Drop::Replayed);

  const auto error = error_of(message);
  Answer answer{.datagram = write_answer(message, from, used->password, error, buffer)};
  if (error || is_known) return answer;
  used_[used_count_++ % kChecksKept] = message.transaction;
  if (used == &credentials_) previous_.reset();
  // Consent is each path's own (RFC 7675 section 5.1), and checks from elsewhere are none to this.
  if (path_ && !is_validated(now, *path_)) lose_path();
  Validated& source = validate(now, from);
  source.received += message.size();
  source.sent += answer.datagram.size();
  const auto before = path_;
  follow(now, source, message.use_candidate);
  answer.path_changed = path_ != before;
  challenge(now);
  return answer;
}

bool IceLite::is_silent(Instant now, const Path& path) const {
  const Validated* const found = find(path);
  return found == nullptr || now >= found->until + (kSilent - kConsent);
}

void IceLite::follow(Instant now, const Validated& from, bool nominates) {
  const bool waits_for_nominated = wanted_ && wanted_is_nominated_;
  if (path_ && !nominates) {
    const bool is_back = path_ == from.path && !waits_for_nominated;
    if (is_back) wanted_.reset();
    if (waits_for_nominated || !is_silent(now, *path_)) return;
  }
  // Between unproven paths the nomination decides at once: neither gets more than it gave.
  const bool waits_for_proof = is_proven_ && path_ != from.path && !from.is_proven;
  if (waits_for_proof) {
    wanted_ = from.path;
    wanted_is_nominated_ = nominates;
  } else {
    move_to(from, nominates);
  }
}

void IceLite::move_to(const Validated& target, bool nominates) {
  path_ = target.path;
  is_nominated_ = nominates;
  is_proven_ = target.is_proven;
  wanted_.reset();
}

// Asks the address that media would go to, where it is unproven.
void IceLite::challenge(Instant now) {
  const std::optional<Path>& target = wanted_ || is_proven_ ? wanted_ : path_;
  if (target != challenged_) {
    challenged_ = target;
    std::array<std::uint8_t, 4> number{};
    ByteWriter(number).u32(++challenge_count_);
    const auto digest = hmac_sha1(bytes_of(credentials_.challenge_key), number, {});
    std::copy_n(digest.begin(), challenge_.size(), challenge_.begin());
    challenge_at_ = Instant::never();
  }
  if (!target || challenge_at_ != Instant::never()) return;
  challenges_sent_ = 0;
  challenge_at_ = now;
}

std::optional<IceLite::Challenge> IceLite::poll_challenge(Instant now, MutableBytes buffer) {
  if (now < challenge_at_) return std::nullopt;
  const bool is_last = challenges_sent_ + 1 >= kChallengesMax;
  challenge_at_ = is_last ? Instant::never() : now + kChallengeInterval * (1U << challenges_sent_);
  ++challenges_sent_;
  Validated* const target = find(*challenged_);
  const bool may_send =
      target != nullptr && target->sent + kChallengeSize <= target->received + kGrace;
  if (!may_send) return std::nullopt;
  target->sent += kChallengeSize;
  StunBuilder request(buffer, StunClass::Request, kStunBinding, challenge_);
  return Challenge{.to = *challenged_, .datagram = request.finish({.key = {}})};
}

bool IceLite::handle_answer(const StunView& message, const Path& from) {
  const bool is_answer = message.message_class == StunClass::Error &&
                         message.method == kStunBinding && message.error_code == kBadRequest;
  if (!is_answer || challenged_ != from || message.transaction != challenge_) return false;
  prove(from);
  return true;
}

void IceLite::prove(const Path& path) {
  Validated* const target = find(path);
  if (target == nullptr) return;
  target->is_proven = true;
  if (challenged_ == path) {
    challenged_.reset();
    challenge_at_ = Instant::never();
  }
  if (wanted_ == path) {
    move_to(*target, true);
  } else if (path_ == path) {
    is_proven_ = true;
  }
}

void IceLite::note_received(const Path& path, std::size_t octets) {
  if (Validated* const source = find(path)) source->received += octets;
}

bool IceLite::may_send_dtls(const Path& path, std::size_t octets) {
  Validated* const target = find(path);
  if (target == nullptr) return false;
  if (target->is_proven) return true;
  if (target->sent + octets > kAmplification * target->received) return false;
  target->sent += octets;
  return true;
}

IceLite::Validated* IceLite::find(const Path& path) {
  const auto known = std::span(validated_).first(validated_count_);
  const auto found = std::ranges::find(known, path, &Validated::path);
  return found == known.end() ? nullptr : &*found;
}

const IceLite::Validated* IceLite::find(const Path& path) const {
  return const_cast<IceLite*>(this)->find(path);
}

IceLite::Validated& IceLite::validate(Instant now, const Path& path) {
  consent_until_ = now + kConsent;
  const Validated fresh{.path = path, .until = consent_until_, .is_proven = path.connection != 0};
  if (Validated* const found = find(path)) {
    const bool is_current = now < found->until;
    if (!is_current) *found = fresh;  // its proof is over as well
    found->until = consent_until_;
    return *found;
  }
  if (validated_count_ < kPathsMax) return validated_[validated_count_++] = fresh;
  // The oldest makes room, but never the one that media goes to, or is to go to.
  const auto age = [&](const Validated& one) {
    return one.path == path_ || one.path == wanted_ ? Instant::never() : one.until;
  };
  return *std::ranges::min_element(validated_, {}, age) = fresh;
}

bool IceLite::is_used(const TransactionId& transaction) const {
  const auto kept = std::span(used_).first(std::min(used_count_, kChecksKept));
  return std::ranges::find(kept, transaction) != kept.end();
}

bool IceLite::is_validated(Instant now, const Path& path) const {
  const Validated* const found = find(path);
  return found != nullptr && now < found->until;
}

void IceLite::forget(const Path& path) {
  if (Validated* const found = find(path)) *found = validated_[--validated_count_];
  if (path_ == path) lose_path();
  if (wanted_ == path) wanted_.reset();
}

void IceLite::lose_path() {
  path_.reset();
  wanted_.reset();
  is_nominated_ = false;
  is_proven_ = false;
}

}  // namespace rtc
