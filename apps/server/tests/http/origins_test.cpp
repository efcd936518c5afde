#include "http/origins.hpp"

#include <gtest/gtest.h>

namespace server::http {
namespace {

TEST(Origins, AllowsThePublicUrlAndWhatIsListed) {
  const Origins origins("https://Meet.Example/room", {"https://admin.example:8443"});
  EXPECT_TRUE(origins.allows("https://meet.example"));
  EXPECT_TRUE(origins.allows("https://meet.example:443"));
  EXPECT_TRUE(origins.allows("https://admin.example:8443"));
}

TEST(Origins, RefusesEverythingElse) {
  const Origins origins("https://meet.example", {});
  for (const char* origin :
       {"http://meet.example", "https://meet.example:444", "https://meet.example.evil",
        "https://evil-meet.example", "https://sub.meet.example", "null", "", "meet.example"}) {
    EXPECT_FALSE(origins.allows(origin)) << origin;
  }
}

TEST(Origins, LoopbackNamesAreOneOriginOnOnePort) {
  const Origins origins("http://localhost:3000", {});
  EXPECT_TRUE(origins.allows("http://127.0.0.1:3000"));
  EXPECT_TRUE(origins.allows("http://[::1]:3000"));
  EXPECT_FALSE(origins.allows("http://127.0.0.1:3001"));
  EXPECT_FALSE(origins.allows("http://localhost.evil:3000"));
  EXPECT_FALSE(Origins("http://localhostess:3000", {}).allows("http://127.0.0.1:3000"));
}

}  // namespace
}  // namespace server::http
