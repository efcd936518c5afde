#include "rtc/stun/stun_reflector.hpp"

#include <algorithm>

#include "rtc/stun/stun_builder.hpp"
#include "rtc/stun/stun_view.hpp"

namespace rtc {

namespace {

// The part of an address that one party is taken to own; the lowest bit tells the families apart.
std::uint64_t network_of(const IpAddress& address) {
  ByteReader in(address.wire());
  if (address.is_v4()) return std::uint64_t{in.u24()} << 1 | 1;
  return (in.u64() & ~std::uint64_t{0xFF}) | 2;
}

std::uint64_t mix(std::uint64_t value) {  // the finaliser of splitmix64
  value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9U;
  value = (value ^ (value >> 27)) * 0x94D049BB133111EBU;
  return value ^ (value >> 31);
}

Bytes write_answer(const StunView& request, const Endpoint& from, MutableBytes buffer) {
  const bool understood = request.unknown_required_count == 0;
  StunBuilder answer(buffer, understood ? StunClass::Success : StunClass::Error, kStunBinding,
                     request.transaction);
  if (understood) {
    answer.xor_mapped_address(from);
  } else {
    answer.error_code(420, "Unknown Attribute");
    answer.unknown_attributes(
        std::span(request.unknown_required).first(request.unknown_required_count));
  }
  return answer.finish({.key = {}, .fingerprint = request.has_fingerprint});
}

}  // namespace

StunReflector::StunReflector(Random& random)
    : secret_(std::uint64_t{random.u32()} << 32 | random.u32()), accounts_(kNetworks) {}

StunReflector::Account& StunReflector::account_of(Instant now, const IpAddress& address) {
  const std::uint64_t network = network_of(address);
  Account& account = accounts_[mix(network ^ secret_) % kNetworks];
  if (account.network != network) account = {.network = network, .balance = 0, .forgiven = now};
  if (now - account.forgiven >= kForgiveness) {
    account.balance = std::max(account.balance, 0);
    account.forgiven = now;
  }
  return account;
}

std::expected<Bytes, StunReflector::Refusal> StunReflector::answer(Instant now, Bytes request,
                                                                   const Endpoint& from,
                                                                   MutableBytes buffer) {
  const auto view = StunView::parse(request);
  if (!view) return std::unexpected(Refusal::Malformed);
  const bool is_plain_binding = view->message_class == StunClass::Request &&
                                view->method == kStunBinding && !view->username &&
                                !view->has_integrity;
  if (!is_plain_binding) return std::unexpected(Refusal::NotForUs);

  Account& account = account_of(now, from.address);
  account.balance =
      std::min(account.balance + static_cast<std::int32_t>(request.size()), kBalanceMax);
  const Bytes answer = write_answer(*view, from, buffer);
  const std::int32_t after = account.balance - static_cast<std::int32_t>(answer.size());
  if (answer.empty() || after < -kGrant) return std::unexpected(Refusal::OverBudget);
  account.balance = after;
  return answer;
}

}  // namespace rtc
