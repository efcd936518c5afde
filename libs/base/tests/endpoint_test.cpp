#include "base/endpoint.hpp"

#include <gtest/gtest.h>

namespace {

TEST(IpAddress, ReadsAndWritesBothFamilies) {
  for (const char* text : {"192.0.2.7", "127.0.0.1", "::1", "2001:db8::5"}) {
    const auto address = IpAddress::parse(text);
    ASSERT_TRUE(address) << text;
    EXPECT_EQ(address->to_string(), text);
  }
}

TEST(IpAddress, HasItsNetworkOfSixtyFourBits) {
  const auto network = [](const char* text) {
    return IpAddress::parse(text)->network().to_string();
  };
  EXPECT_EQ(network("192.0.2.7"), "192.0.2.7");
  EXPECT_EQ(network("::ffff:192.0.2.7"), "192.0.2.7");
  EXPECT_EQ(network("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
  EXPECT_NE(network("2001:db8:1:3::6"), "2001:db8:1:2::");
}

TEST(IpAddress, RefusesWhatIsNoAddress) {
  for (const char* text :
       {"", "1.2.3", "1.2.3.4.5", "256.1.1.1", "localhost", "[::1]", "fe80::1%eth0", " 1.2.3.4"}) {
    EXPECT_FALSE(IpAddress::parse(text)) << text;
  }
  EXPECT_FALSE(IpAddress::parse(std::string_view("1.2.3.4\0", 8)));
}

TEST(IpAddress, MappedAddressIsTheIpv4Address) {
  EXPECT_EQ(IpAddress::parse("::ffff:192.0.2.7"), IpAddress::parse("192.0.2.7"));
  EXPECT_EQ(IpAddress::parse("192.0.2.7")->wire().size(), 4U);
  EXPECT_TRUE(IpAddress::parse("127.9.9.9")->is_loopback());
  EXPECT_TRUE(IpAddress::parse("::1")->is_loopback());
  EXPECT_FALSE(IpAddress::parse("128.0.0.1")->is_loopback());
  EXPECT_TRUE(IpAddress::parse("0.0.0.0")->is_unspecified());
}

TEST(Endpoint, BracketsIpv6) {
  EXPECT_EQ((Endpoint{*IpAddress::parse("::1"), 80}).to_string(), "[::1]:80");
  EXPECT_EQ((Endpoint{*IpAddress::parse("192.0.2.7"), 80}).to_string(), "192.0.2.7:80");
}

TEST(LoopbackAuthority, IsThisMachinesNameForItself) {
  for (const char* own :
       {"localhost", "LocalHost:3000", "127.0.0.1", "127.1.2.3:80", "[::1]", "[::1]:3000"}) {
    EXPECT_TRUE(is_loopback_authority(own)) << own;
  }
  for (const char* other : {"", ":3000", "localhost.", "localhost.example", "notlocalhost",
                            "127.0.0.1.nip.io", "127.example:80", "::1", "[::1", "[127.0.0.1]",
                            "[::2]:80", "10.0.0.1", "meet.example:80"}) {
    EXPECT_FALSE(is_loopback_authority(other)) << other;
  }
}

}  // namespace
