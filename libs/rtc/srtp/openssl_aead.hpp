#pragma once

#include "rtc/srtp/aead_cipher.hpp"

namespace rtc {

std::unique_ptr<AeadCipher> make_openssl_aead(Bytes key);

}  // namespace rtc
