#include "auth/bcrypt.hpp"

#include <crypt.h>
#include <openssl/crypto.h>

#include <array>
#include <memory>
#include <stdexcept>
#include <string_view>

namespace server::auth {

std::string make_bcrypt_setting(int rounds, Random& random) {
  std::array<std::uint8_t, 16> salt{};
  random.fill(salt);
  std::array<char, CRYPT_GENSALT_OUTPUT_SIZE> setting{};
  const std::string_view entropy = text_of(Bytes(salt));
  const char* const made =
      crypt_gensalt_rn("$2b$", static_cast<unsigned long>(rounds), entropy.data(),
                       static_cast<int>(entropy.size()), setting.data(), setting.size());
  if (made == nullptr) throw std::runtime_error("libcrypt makes no bcrypt salt of these rounds");
  return made;
}

std::string bcrypt(const std::string& password, const std::string& setting) {
  thread_local const auto scratch = std::make_unique<crypt_data>();  // 32 KB
  const char* const hash = crypt_rn(password.c_str(), setting.c_str(), scratch.get(),
                                    static_cast<int>(sizeof(crypt_data)));
  std::string copy = hash == nullptr ? "" : hash;
  OPENSSL_cleanse(scratch.get(), sizeof(crypt_data));
  return copy;
}

}  // namespace server::auth
