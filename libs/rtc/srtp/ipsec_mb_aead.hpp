#pragma once

#include "rtc/srtp/aead_cipher.hpp"

namespace rtc {

// False where the library was not there at build time or the processor has no AES instructions.
bool has_ipsec_mb();
// Only where has_ipsec_mb().
std::unique_ptr<AeadCipher> make_ipsec_mb_aead(Bytes key);

}  // namespace rtc
