#include "app/announced.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace server::app {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

IpAddress address(const char* text) { return IpAddress::parse(text).value(); }

std::vector<std::string> mistakes(const Config& config) {
  return announced_mistakes(config, announced_addresses(config));
}

TEST(Announced, KeepsTheOrderAndResolvesNames) {
  Config config;
  config.rtc_announced_ip = {"198.51.100.7", "2001:db8::1", "198.51.100.7"};
  EXPECT_THAT(announced_addresses(config),
              ElementsAre(address("198.51.100.7"), address("2001:db8::1")));
  config.rtc_announced_ip = {"localhost"};
  for (const IpAddress& one : announced_addresses(config)) EXPECT_TRUE(one.is_loopback());
  EXPECT_FALSE(announced_addresses(config).empty());
}

TEST(Announced, NamesWhatCannotBeResolved) {
  Config config;
  config.rtc_announced_ip = {"no-such-host.invalid"};
  try {
    announced_addresses(config);
    FAIL() << "resolved";
  } catch (const std::exception& error) {
    EXPECT_THAT(error.what(), HasSubstr("no-such-host.invalid"));
  }
}

TEST(Announced, FindsNothingWrongWithWhatWorks) {
  Config config;
  EXPECT_THAT(mistakes(config), IsEmpty());
  config.rtc_announced_ip = {"127.0.0.1"};
  config.public_url = "http://localhost:3000";
  EXPECT_THAT(mistakes(config), IsEmpty());
  config.rtc_announced_ip = {"198.51.100.7"};
  config.public_url = "https://meet.example";
  config.rtc_listen_ip = address("10.0.0.5");
  EXPECT_THAT(mistakes(config), IsEmpty());
}

TEST(Announced, FindsWhatCannotWork) {
  Config config;
  config.public_url = "https://meet.example";
  config.rtc_announced_ip = {"127.0.0.1"};
  EXPECT_THAT(mistakes(config), ElementsAre(HasSubstr("this machine alone")));
  config.rtc_announced_ip = {"0.0.0.0"};
  EXPECT_THAT(mistakes(config), ElementsAre(HasSubstr("every address")));
  config.rtc_announced_ip = {"198.51.100.7"};
  config.rtc_listen_ip = address("127.0.0.1");
  EXPECT_THAT(mistakes(config), ElementsAre(HasSubstr("does not lead to RTC_LISTEN_IP")));
  config.rtc_announced_ip = {};
  EXPECT_THAT(mistakes(config), ElementsAre(HasSubstr("RTC_LISTEN_IP 127.0.0.1")));
  config.rtc_listen_ip = {};
  config.rtc_tcp_announced_port = 443;
  config.rtc_workers = 2;
  EXPECT_THAT(mistakes(config), ElementsAre(HasSubstr("one worker alone")));
  config.rtc_workers = 1;
  EXPECT_THAT(mistakes(config), IsEmpty());
}

}  // namespace
}  // namespace server::app
