#include "rtc/ice/ice_lite.hpp"

#include <algorithm>
#include <span>
#include <utility>

#include "rtc/stun/stun_builder.hpp"

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
  return {.username_fragment = random.url_safe(16), .password = random.url_safe(32)};
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
  validate(now, from);
  const bool is_first = !path_;
  const bool moves = is_first || (message.use_candidate && (path_ != from || !is_nominated_));
  if (moves) {
    answer.path_changed = path_ != from;
    path_ = from;
    is_nominated_ = message.use_candidate;
  }
  return answer;
}

void IceLite::validate(Instant now, const Path& path) {
  consent_until_ = now + kConsent;
  const auto known = std::span(validated_).first(validated_count_);
  const auto found = std::ranges::find(known, path, &Validated::path);
  if (found != known.end()) {
    found->until = consent_until_;
  } else if (validated_count_ < kPathsMax) {
    validated_[validated_count_++] = {path, consent_until_};
  } else {
    // The oldest makes room, but never the one that media goes to.
    const auto age = [&](const Validated& one) {
      return one.path == path_ ? Instant::never() : one.until;
    };
    *std::ranges::min_element(known, {}, age) = {path, consent_until_};
  }
}

bool IceLite::is_used(const TransactionId& transaction) const {
  const auto kept = std::span(used_).first(std::min(used_count_, kChecksKept));
  return std::ranges::find(kept, transaction) != kept.end();
}

bool IceLite::is_validated(Instant now, const Path& path) const {
  const auto known = std::span(validated_).first(validated_count_);
  const auto found = std::ranges::find(known, path, &Validated::path);
  return found != known.end() && now < found->until;
}

void IceLite::forget(const Path& path) {
  const auto known = std::span(validated_).first(validated_count_);
  const auto found = std::ranges::find(known, path, &Validated::path);
  if (found != known.end()) *found = validated_[--validated_count_];
  if (path_ == path) lose_path();
}

void IceLite::lose_path() {
  path_.reset();
  is_nominated_ = false;
}

}  // namespace rtc
