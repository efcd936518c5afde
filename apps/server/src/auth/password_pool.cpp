#include "auth/password_pool.hpp"

#include <openssl/crypto.h>
#include <sys/resource.h>

#include <boost/asio/bind_executor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "auth/account_rules.hpp"
#include "auth/bcrypt.hpp"
#include "auth/hash.hpp"

namespace server::auth {
namespace {

// Characters of a bcrypt hash after its setting: 184 bits in a base64 of its own.
constexpr std::size_t kDigestLength = 31;
constexpr std::size_t kSettingLength = 29;  // "$2b$10$" and 22 of salt

// Whoever serves requests goes before whoever hashes: on Linux a priority is a thread's own.
void lower_priority_once() {
  thread_local const int lowered = setpriority(PRIO_PROCESS, 0, 10);
  (void)lowered;  // without the right to, it works all the same
}

http::ApiError too_many() {
  http::ApiError error{429, "RATE_LIMITED", "Too many logins at once; try again shortly.", {}, {}};
  error.retry_after_s = 2;
  return error;
}

}  // namespace

PasswordPool::PasswordPool(PasswordPoolOptions options, Random& random)
    : options_(options), random_(random), pool_(options.threads) {
  decoy_ = make_bcrypt_setting(options_.rounds, random_) + std::string(kDigestLength, '.');
}

PasswordPool::~PasswordPool() {
  pool_.stop();
  pool_.join();
}

net::awaitable<http::Result<std::string>> PasswordPool::crypt(std::string password,
                                                              std::string setting) {
  if (waiting_ >= options_.waiting_max + options_.threads) co_return std::unexpected(too_many());
  ++waiting_;
  const auto home = co_await net::this_coro::executor;
  co_await net::post(net::bind_executor(pool_, net::use_awaitable));
  lower_priority_once();
  std::string hash = bcrypt(password, setting);
  OPENSSL_cleanse(password.data(), password.size());
  co_await net::post(net::bind_executor(home, net::use_awaitable));
  --waiting_;
  co_return hash;
}

net::awaitable<http::Result<std::string>> PasswordPool::hash(std::string password) {
  co_return co_await crypt(std::move(password), make_bcrypt_setting(options_.rounds, random_));
}

net::awaitable<http::Result<bool>> PasswordPool::verify(std::string password, std::string hash) {
  // bcrypt would cut what is too long, and so take a wrong password for the right one.
  const bool possible = password.size() <= kPasswordMax;
  if (!possible) password.resize(kPasswordMax);
  const auto made = co_await crypt(std::move(password), hash);
  if (!made) co_return std::unexpected(made.error());
  co_return !made->empty() && equal_in_constant_time(*made, hash) && possible;
}

bool PasswordPool::is_outdated(const std::string& hash) const {
  // "$2b$10$…": the two digits after the third '$' sign are the rounds.
  if (hash.size() < kSettingLength) return true;
  return hash.substr(4, 2) != (options_.rounds < 10 ? "0" : "") + std::to_string(options_.rounds);
}

}  // namespace server::auth
