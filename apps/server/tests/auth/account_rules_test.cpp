#include "auth/account_rules.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "auth/common_passwords.hpp"
#include "base/text.hpp"

namespace server::auth {
namespace {

TEST(AccountRules, EmailIsHtmls) {
  for (const std::string good :
       {"a@b", "a.b+c@d-e.f", "!#$%&'*+/=?^_`{|}~-@x.y", "1@2.3", "a@b.c.d.e"}) {
    EXPECT_TRUE(is_email(good)) << good;
  }
  for (const std::string bad : {"", "@", "a@", "@b", "a@b.", "a@.b", "a@b c", "a@b@c", "a@-b",
                                "a@b-", "a\"b@c", "\u00E4@b.c", "a@\u00E4.c"}) {
    EXPECT_FALSE(is_email(bad)) << bad;
  }
  EXPECT_TRUE(is_email("a@" + std::string(63, 'b') + ".c"));
  EXPECT_FALSE(is_email("a@" + std::string(64, 'b') + ".c"));
  const std::string domain =
      std::string(63, 'b') + "." + std::string(63, 'c') + "." + std::string(62, 'd');
  EXPECT_TRUE(is_email(std::string(254 - domain.size() - 1, 'a') + "@" + domain));
  EXPECT_FALSE(is_email(std::string(255 - domain.size() - 1, 'a') + "@" + domain));
}

TEST(AccountRules, APasswordHasAtMostSeventyTwoBytesAndNoNul) {
  const auto is_good = [](const std::string& password) {
    AccountCheck check;
    check.password(password, "a@b.c", "ada");
    return check.result().has_value();
  };
  EXPECT_TRUE(is_good(std::string(72, 'x')));
  EXPECT_FALSE(is_good(std::string(73, 'x')));
  // bcrypt reads a C string: what follows a NUL would not count.
  const std::string nul(1, '\0');
  EXPECT_FALSE(is_good("a fine password" + nul));
  EXPECT_FALSE(is_good(nul + "a fine password"));
  EXPECT_FALSE(is_good("a fine" + nul + "password"));
}

TEST(AccountRules, TheListOfCommonPasswordsIsBoundedSortedAndLower) {
  const auto list = common_passwords();
  EXPECT_LE(list.size(), 10'000U);
  EXPECT_GE(list.size(), 1'000U);
  EXPECT_TRUE(std::ranges::is_sorted(list));
  for (const std::string_view password : list) {
    EXPECT_EQ(password, to_lower_ascii(password));
    EXPECT_GE(password.size(), kPasswordMin);
  }
  EXPECT_TRUE(is_common_password("PassWord1"));
  EXPECT_TRUE(is_common_password("qwertyuiop"));
  EXPECT_FALSE(is_common_password("SecurePass123"));
  EXPECT_FALSE(is_common_password("password1 and more"));
}

}  // namespace
}  // namespace server::auth
