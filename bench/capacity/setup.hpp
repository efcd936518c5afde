// The two programs that are compared, set up with the same receivers.
#pragma once

#include <memory>
#include <span>
#include <string>

#include "child.hpp"
#include "udp.hpp"

namespace bench {

enum class Cipher { Gcm, Cm };
inline std::size_t tag_size(Cipher cipher) { return cipher == Cipher::Gcm ? 16 : 10; }

struct Program {
  std::unique_ptr<Child> child;
  std::uint16_t port = 0;  // where it takes packets
};

inline constexpr int kOurCore = 0;
inline constexpr int kTheirCore = 1;

// `folder` is where the executables are.
Program start_engine(const std::string& folder, Cipher cipher, std::span<const Socket> receivers);
Program start_limit(const std::string& folder, Cipher cipher, std::span<const Socket> receivers);

}  // namespace bench
