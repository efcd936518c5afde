#include "http/proxy_trust.hpp"

#include <gtest/gtest.h>

namespace server::http {
namespace {

IpAddress address(const char* text) { return *IpAddress::parse(text); }

IpNetwork network(const char* text) { return *IpNetwork::parse(text); }

const ProxyTrust kTrust({network("10.0.0.1"), network("10.0.0.2")});

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

TEST(ProxyTrust, NeverTakesAnUnreadableHopForTheProxyOrThisMachine) {
  const ProxyTrust local({network("127.0.0.1"), network("::1")});
  for (const char* hops :
       {"198.51.100.9, nonsense", "unknown", "_hidden", "127.0.0.1, unknown", "unknown, 127.0.0.1",
        "127.0.0.1, ", ",", "198.51.100.9:", "198.51.100.9:80x", "198.51.100.9:123456", "[::1",
        "[::1]80", "[]", "fe80::1%eth0", "\"127.0.0.1\"", "for=127.0.0.1"}) {
    const IpAddress client = local.resolve(address("127.0.0.1"), false, hops, "").client;
    EXPECT_EQ(client, IpAddress{}) << hops;
    EXPECT_FALSE(client.is_loopback()) << hops;
  }
  EXPECT_EQ(kTrust.resolve(address("10.0.0.1"), false, "", "").client, address("10.0.0.1"));
}

TEST(ProxyTrust, ReadsEntriesWithAPort) {
  const std::pair<const char*, const char*> entries[] = {
      {"198.51.100.9:443", "198.51.100.9"},
      {"[2001:db8::9]:443", "2001:db8::9"},
      {"[2001:db8::9]", "2001:db8::9"},
      {"2001:db8::9", "2001:db8::9"},
      {"198.51.100.9:80, 10.0.0.2:8080", "198.51.100.9"}};
  for (const auto& [entry, client] : entries) {
    EXPECT_EQ(kTrust.resolve(address("10.0.0.1"), false, entry, "").client, address(client))
        << entry;
  }
}

TEST(ProxyTrust, TrustsAWholeNetwork) {
  const ProxyTrust containers({network("172.16.0.0/12"), network("fd00::/8")});
  EXPECT_EQ(containers.resolve(address("172.18.0.5"), false, "198.51.100.9, fd00::2", "").client,
            address("198.51.100.9"));
  EXPECT_EQ(containers.resolve(address("172.32.0.5"), false, "198.51.100.9", "").client,
            address("172.32.0.5"));
}

TEST(ProxyTrust, TakesTheSchemeFromATrustedProxy) {
  EXPECT_TRUE(kTrust.resolve(address("10.0.0.1"), false, "", "https").secure);
  EXPECT_FALSE(kTrust.resolve(address("10.0.0.1"), false, "", "http").secure);
  EXPECT_FALSE(kTrust.resolve(address("10.0.0.1"), false, "", "https, http").secure);
}

}  // namespace
}  // namespace server::http
