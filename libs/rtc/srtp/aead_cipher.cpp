#include "rtc/srtp/aead_cipher.hpp"

#include <cstdlib>

#include "rtc/srtp/ipsec_mb_aead.hpp"
#include "rtc/srtp/openssl_aead.hpp"

namespace rtc {

bool is_available(AeadProvider provider) {
  switch (provider) {
    case AeadProvider::OpenSsl:
      return true;
    case AeadProvider::IpsecMb:
      return has_ipsec_mb();
  }
  std::abort();
}

std::unique_ptr<AeadCipher> make_aead_cipher(AeadProvider provider, Bytes key) {
  switch (provider) {
    case AeadProvider::OpenSsl:
      return make_openssl_aead(key);
    case AeadProvider::IpsecMb:
      return make_ipsec_mb_aead(key);
  }
  std::abort();
}

AeadProvider best_aead_provider() {
  return is_available(AeadProvider::IpsecMb) ? AeadProvider::IpsecMb : AeadProvider::OpenSsl;
}

}  // namespace rtc
