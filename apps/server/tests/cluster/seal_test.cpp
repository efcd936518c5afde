#include "cluster/seal.hpp"

#include <gtest/gtest.h>

namespace {

using server::cluster::Seal;

constexpr std::string_view kSecret = "an access secret for tests alone, 40 oct.";
constexpr std::string_view kText = R"({"from":"a.1","name":"beat"})";

TEST(Seal, OpensWhatAServerWithTheSameSecretClosed) {
  const std::string sealed = Seal(kSecret).close("all", kText);
  EXPECT_EQ(sealed.size(), kText.size() + Seal::kMacLength);
  EXPECT_EQ(Seal(kSecret).open("all", sealed), kText);
  EXPECT_EQ(Seal(kSecret).open("all", Seal(kSecret).close("all", "")), "");
}

TEST(Seal, RefusesAnotherSecretPlaceOrText) {
  const Seal seal(kSecret);
  const std::string sealed = seal.close("all", kText);
  EXPECT_FALSE(Seal("another secret that has 32 octets or more").open("all", sealed));
  EXPECT_FALSE(seal.open("to:a.1", sealed));
  EXPECT_FALSE(seal.open("all", sealed + " "));
  EXPECT_FALSE(seal.open("all", kText));
  for (std::size_t size = 0; size < sealed.size(); ++size) {
    EXPECT_FALSE(seal.open("all", std::string_view(sealed).substr(0, size))) << size;
  }
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    std::string wrong = sealed;
    wrong[i] = static_cast<char>(wrong[i] ^ 1);
    EXPECT_FALSE(seal.open("all", wrong)) << i;
  }
}

}  // namespace
