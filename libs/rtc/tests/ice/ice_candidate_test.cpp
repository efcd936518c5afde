#include "rtc/ice/ice_candidate.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace {

using rtc::IceCandidate;
using rtc::IceProtocol;

TEST(HostCandidates, UdpComesBeforeTcpAndAddressesKeepTheirOrder) {
  const IpAddress addresses[] = {*IpAddress::parse("192.0.2.1"), *IpAddress::parse("2001:db8::1")};
  const auto candidates = rtc::host_candidates(addresses, 40000, 443);
  ASSERT_EQ(candidates.size(), 4U);
  EXPECT_TRUE(std::ranges::is_sorted(candidates, std::greater{}, &IceCandidate::priority));
  EXPECT_EQ(candidates[0].priority, 2130706431U);  // the value of RFC 8445 for one host candidate
  EXPECT_EQ(candidates[1].endpoint.to_string(), "[2001:db8::1]:40000");
  EXPECT_EQ(candidates[2].protocol, IceProtocol::Tcp);
  EXPECT_EQ(candidates[2].endpoint.to_string(), "192.0.2.1:443");
  for (std::size_t i = 1; i < 4; ++i) EXPECT_NE(candidates[i].foundation, candidates[0].foundation);
}

TEST(HostCandidates, LeavesTcpOutWithoutAPort) {
  const IpAddress addresses[] = {*IpAddress::parse("192.0.2.1")};
  EXPECT_EQ(rtc::host_candidates(addresses, 40000, 0).size(), 1U);
  EXPECT_TRUE(rtc::host_candidates({}, 1, 1).empty());
}

}  // namespace
