// bcrypt on threads of its own, so that a storm of logins delays nothing but logins.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/thread_pool.hpp>
#include <string>

#include "base/random.hpp"
#include "http/api_error.hpp"

namespace server::auth {

namespace net = boost::asio;

struct PasswordPoolOptions {
  int rounds = 10;               // bcrypt's cost: 2^rounds
  std::size_t threads = 1;       // the number of cores
  std::size_t waiting_max = 64;  // a few seconds of work; beyond it 429
};

// Called from the control thread; resumes its callers there.
class PasswordPool {
 public:
  // `random` makes salts on the calling thread, and outlives the pool.
  PasswordPool(PasswordPoolOptions options, Random& random);
  ~PasswordPool();
  PasswordPool(const PasswordPool&) = delete;
  PasswordPool& operator=(const PasswordPool&) = delete;

  // "$2b$…" of a password of at most 72 octets. Errors: RATE_LIMITED when too much waits.
  net::awaitable<http::Result<std::string>> hash(std::string password);

  // Whether the password is that of the hash ("$2a$", "$2b$" or "$2y$"); takes as long when it
  // is not, when it is too long to be one, and when the hash is decoy(). Errors: RATE_LIMITED.
  net::awaitable<http::Result<bool>> verify(std::string password, std::string hash);

  // A hash that no password has, to check against when there is no account.
  const std::string& decoy() const { return decoy_; }

  // Whether the hash was made with other rounds than those in force.
  bool is_outdated(const std::string& hash) const;

 private:
  net::awaitable<http::Result<std::string>> crypt(std::string password, std::string setting);

  PasswordPoolOptions options_;
  Random& random_;
  std::string decoy_;
  std::size_t waiting_ = 0;
  net::thread_pool pool_;
};

}  // namespace server::auth
