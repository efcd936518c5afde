// Base64 and its URL-safe form without padding (RFC 4648 sections 4 and 5).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"

std::string base64_encode(Bytes data);
std::string base64url_encode(Bytes data);

// nullopt for anything but the one canonical encoding: foreign characters, wrong
// padding, or trailing bits that are not zero.
std::optional<std::vector<std::uint8_t>> base64_decode(std::string_view text);
std::optional<std::vector<std::uint8_t>> base64url_decode(std::string_view text);
