#include "setup.hpp"

#include <fmt/format.h>

#include <vector>

#include "base/base64.hpp"

namespace bench {

namespace {

std::string request_of(Cipher cipher, std::span<const Socket> receivers) {
  const std::string suite = cipher == Cipher::Gcm ? "AEAD_AES_128_GCM" : "AES_CM_128_HMAC_SHA1_80";
  std::string consumers;
  for (const Socket& receiver : receivers) {
    std::vector<std::uint8_t> key(cipher == Cipher::Gcm ? 28 : 30);
    for (std::size_t i = 0; i < key.size(); ++i) {
      key[i] = static_cast<std::uint8_t>(receiver.port() * 7U + i);
    }
    consumers += fmt::format(
        R"({}{{"ip":"127.0.0.1","port":{},"srtpParameters":{{"cryptoSuite":"{}","keyBase64":"{}"}}}})",
        consumers.empty() ? "" : ",", receiver.port(), suite, base64_encode(key));
  }
  return fmt::format(
      R"({{"producer":{{"mimeType":"video/VP8","clockRate":90000,"payloadType":{},"ssrc":{}}},"consumers":[{}]}})",
      int{Source::kPayloadType}, Source::kSsrc, consumers);
}

}  // namespace

Program start_engine(const std::string& folder, Cipher cipher, std::span<const Socket> receivers) {
  Program engine{.child = std::make_unique<Child>(std::vector{folder + "/sfu-plain"}, kTheirCore)};
  engine.child->write_line(request_of(cipher, receivers));
  const std::string answer = engine.child->read_line();
  const std::size_t at = answer.find("\"port\":");
  engine.port = static_cast<std::uint16_t>(std::stoul(answer.substr(at + 7)));
  return engine;
}

Program start_limit(const std::string& folder, Cipher cipher, std::span<const Socket> receivers) {
  const std::vector<std::string> command{folder + "/forward_limit",
                                         cipher == Cipher::Gcm ? "gcm" : "cm"};
  Program limit{.child = std::make_unique<Child>(command, kTheirCore)};
  std::string ports;
  for (const Socket& receiver : receivers) ports += std::to_string(receiver.port()) + " ";
  limit.child->write_line(ports);
  limit.port = static_cast<std::uint16_t>(std::stoul(limit.child->read_line()));
  return limit;
}

}  // namespace bench
