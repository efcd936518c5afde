#include "http/proxy_trust.hpp"

#include <gtest/gtest.h>

namespace server::http {
namespace {

IpAddress address(const char* text) { return *IpAddress::parse(text); }

const ProxyTrust kTrust({address("10.0.0.1"), address("10.0.0.2")});

TEST(ProxyTrust, BelievesNobodyElse) {
  const auto origin = kTrust.resolve(address("192.0.2.1"), false, "198.51.100.9", "https");
  EXPECT_EQ(origin.client, address("192.0.2.1"));
  EXPECT_FALSE(origin.secure);
}

TEST(ProxyTrust, TakesTheLastAddressThatNoTrustedProxyWrote) {
  EXPECT_EQ(
      kTrust.resolve(address("10.0.0.1"), false, "1.1.1.1, 198.51.100.9, 10.0.0.2", "").client,
      address("198.51.100.9"));
  EXPECT_EQ(kTrust.resolve(address("10.0.0.1"), false, "198.51.100.9", "").client,
            address("198.51.100.9"));
}

TEST(ProxyTrust, StopsAtWhatIsNoAddress) {
  EXPECT_EQ(kTrust.resolve(address("10.0.0.1"), false, "198.51.100.9, nonsense", "").client,
            address("10.0.0.1"));
  EXPECT_EQ(kTrust.resolve(address("10.0.0.1"), false, "", "").client, address("10.0.0.1"));
}

TEST(ProxyTrust, TakesTheSchemeFromATrustedProxy) {
  EXPECT_TRUE(kTrust.resolve(address("10.0.0.1"), false, "", "https").secure);
  EXPECT_FALSE(kTrust.resolve(address("10.0.0.1"), false, "", "http").secure);
  EXPECT_FALSE(kTrust.resolve(address("10.0.0.1"), false, "", "https, http").secure);
}

}  // namespace
}  // namespace server::http
