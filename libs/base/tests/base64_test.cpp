#include "base/base64.hpp"

#include <gtest/gtest.h>

#include <string>

namespace {

std::string decoded(std::string_view text) {
  const auto data = base64_decode(text);
  return data ? std::string(text_of(*data)) : "<refused>";
}

// RFC 4648 section 10.
TEST(Base64, AgreesWithTheVectorsOfTheRfc) {
  const std::pair<std::string, std::string> vectors[] = {{"", ""},
                                                         {"f", "Zg=="},
                                                         {"fo", "Zm8="},
                                                         {"foo", "Zm9v"},
                                                         {"foob", "Zm9vYg=="},
                                                         {"fooba", "Zm9vYmE="},
                                                         {"foobar", "Zm9vYmFy"}};
  for (const auto& [plain, encoded] : vectors) {
    EXPECT_EQ(base64_encode(bytes_of(plain)), encoded);
    EXPECT_EQ(decoded(encoded), plain);
  }
}

TEST(Base64, RefusesWhatIsNotTheCanonicalEncoding) {
  for (const char* text :
       {"Z", "Zg", "Zg=", "Zg===", "Zh==", "Zm9=", "Z===", "====", "Zm 9", "Zm9v\n", "Zm-_"}) {
    EXPECT_EQ(decoded(text), "<refused>") << text;
  }
}

TEST(Base64, UrlFormHasNoPaddingAndItsOwnAlphabet) {
  const std::vector<std::uint8_t> data{0xFB, 0xFF, 0xFE, 0x01};
  EXPECT_EQ(base64url_encode(data), "-__-AQ");
  EXPECT_EQ(base64url_decode("-__-AQ"), data);
  EXPECT_EQ(base64url_decode("+//+AQ"), std::nullopt);
  EXPECT_EQ(base64url_decode("-__-AQ=="), std::nullopt);
  EXPECT_EQ(base64url_decode("-__-AR"), std::nullopt);
}

}  // namespace
