// Tokens of strangers: any bytes give claims or an error. The second reading signs the input
// first, so that what lies behind the signature is reached too.
#include <cstdlib>

#include "auth/login_tokens.hpp"
#include "base/base64.hpp"

namespace {

using server::auth::JwtKey;
using server::auth::LoginTokens;

constexpr std::string_view kSecret = "a secret of the fuzzer, 32 bytes or more";
constexpr server::db::Timestamp kNow{std::chrono::seconds(1'800'000'000)};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const LoginTokens tokens({std::string(kSecret),
                                   std::string(kSecret),
                                   "a previous secret of the fuzzer, 32 bytes",
                                   {}});
  static const JwtKey key(kSecret);
  const std::string_view text = text_of(Bytes(data, size));
  (void)tokens.read_access(kNow, text);
  (void)tokens.read_refresh(kNow, text);
  (void)tokens.read_old_refresh(text);

  // "<header>\n<payload>", as they are or signed.
  const std::size_t line = std::min(text.find('\n'), text.size());
  const std::string unsigned_part =
      base64url_encode(bytes_of(text.substr(0, line))) + "." +
      base64url_encode(bytes_of(text.substr(std::min(line + 1, text.size()))));
  const std::string token = unsigned_part + "." + key.mac(unsigned_part);
  const auto access = tokens.read_access(kNow, token);
  if (access && (access->user_id.empty() || access->sid.empty())) std::abort();
  const auto refresh = tokens.read_refresh(kNow, token);
  if (refresh && refresh->hash.size() != 64) std::abort();
  return 0;
}
