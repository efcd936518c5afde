#include "app/config.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

namespace server::app {
namespace {

LoadedConfig load(std::map<std::string, std::string> environment, std::string_view file = "") {
  return load_config(
      [environment](const char* name) -> std::optional<std::string> {
        const auto found = environment.find(name);
        if (found == environment.end()) return std::nullopt;
        return found->second;
      },
      file, false);
}

TEST(Config, HasTheContractsDefaults) {
  const auto loaded = load({});
  EXPECT_TRUE(loaded.mistakes.empty());
  EXPECT_EQ(loaded.config.host, "::");
  EXPECT_EQ(loaded.config.port, 3000);
  EXPECT_EQ(loaded.config.database_url, "sqlite:data/webrtc-chat.db");
  EXPECT_EQ(loaded.config.rtc_p2p_max_peers, 2);
  EXPECT_GE(loaded.config.rtc_workers, 1);
  EXPECT_EQ(loaded.config.log_format, "json");
  EXPECT_EQ(loaded.config.chat_retention, std::chrono::days(0));
}

TEST(Config, EnvironmentWinsOverTheFile) {
  const auto loaded = load({{"PORT", "4000"}}, "# doors\nPORT=5000\n\n HOST = 127.0.0.1 \r\n");
  EXPECT_TRUE(loaded.mistakes.empty());
  EXPECT_EQ(loaded.config.port, 4000);
  EXPECT_EQ(loaded.config.host, "127.0.0.1");
}

TEST(Config, NamesEveryWrongValue) {
  const std::pair<const char*, const char*> wrong[] = {{"PORT", "65536"},
                                                       {"PORT", "abc"},
                                                       {"HOST", "nowhere"},
                                                       {"PUBLIC_URL", "meet"},
                                                       {"TLS_CERT", "only.pem"},
                                                       {"TRUST_PROXY", "10.0.0.1, x"},
                                                       {"TRUST_PROXY", "10.0.0.0/33"},
                                                       {"DATABASE_URL", "mysql://"},
                                                       {"DATABASE_POOL", "0"},
                                                       {"JWT_ACCESS_SECRET", "short"},
                                                       {"BCRYPT_ROUNDS", "3"},
                                                       {"RATE_LIMIT", "maybe"},
                                                       {"CHAT_RETENTION_DAYS", "-1"},
                                                       {"CHAT_RETENTION_DAYS", "36501"},
                                                       {"RTC_P2P_MAX_PEERS", "11"},
                                                       {"RTC_WORKERS", "0"},
                                                       {"RTC_WORKER_PEERS", "0"},
                                                       {"RTC_TCP_ANNOUNCED_PORT", "65536"},
                                                       {"ICE_SERVERS", "{}"},
                                                       {"TURN_URLS", "turn:x"},
                                                       {"LOG_LEVEL", "loud"},
                                                       {"REDIS_URL", "redis://x/first"},
                                                       {"NODE_ID", "node 1"},
                                                       {"RTC_LISTEN_IP", "eth0"},
                                                       {"TURN_TTL", "-1"}};
  for (const auto& [name, value] : wrong) {
    const auto loaded = load({{name, value}});
    EXPECT_FALSE(loaded.mistakes.empty()) << name << "=" << value;
  }
}

TEST(Config, TrustsProxiesByAddressAndByNetwork) {
  const auto loaded = load({{"TRUST_PROXY", "127.0.0.1, 172.16.0.0/12, fd00::/8"}});
  EXPECT_TRUE(loaded.mistakes.empty());
  EXPECT_EQ(loaded.config.trust_proxy.size(), 3U);
}

TEST(Config, KnowsWhetherOthersReachTheServer) {
  EXPECT_FALSE(is_public(load({}).config));
  for (const char* own : {"http://localhost:3000", "http://127.0.0.1", "https://[::1]:8443/"}) {
    EXPECT_FALSE(is_public(load({{"PUBLIC_URL", own}}).config)) << own;
  }
  for (const char* other : {"https://meet.example", "http://10.0.0.5:3000", "http://[2001:db8::1]",
                            "https://localhost.example", "https://127.meet.example"}) {
    EXPECT_TRUE(is_public(load({{"PUBLIC_URL", other}}).config)) << other;
  }
}

TEST(Config, RefusesAPortWithoutRoomForEachWorker) {
  EXPECT_TRUE(load({{"RTC_PORT", "65534"}, {"RTC_WORKERS", "2"}}).mistakes.empty());
  EXPECT_FALSE(load({{"RTC_PORT", "65534"}, {"RTC_WORKERS", "3"}}).mistakes.empty());
  EXPECT_TRUE(load({{"RTC_PORT", "0"}, {"RTC_WORKERS", "64"}}).mistakes.empty());
}

TEST(Config, RefusesEqualJwtSecrets) {
  const std::string secret(32, 'a');
  EXPECT_FALSE(
      load({{"JWT_ACCESS_SECRET", secret}, {"JWT_REFRESH_SECRET", secret}}).mistakes.empty());
  EXPECT_TRUE(load({{"JWT_ACCESS_SECRET", secret}, {"JWT_REFRESH_SECRET", std::string(32, 'b')}})
                  .mistakes.empty());
}

TEST(Config, TakesThePreviousJwtSecretsOfTheSameLength) {
  const std::string access(32, 'a'), refresh(32, 'b'), old(32, 'c');
  const std::map<std::string, std::string> now{{"JWT_ACCESS_SECRET", access},
                                               {"JWT_REFRESH_SECRET", refresh}};
  const auto mistakes = [&](const std::string& name, const std::string& value) {
    auto all = now;
    all[name] = value;
    return load(all).mistakes.size();
  };
  EXPECT_EQ(mistakes("JWT_ACCESS_SECRET_PREVIOUS", old), 0U);
  EXPECT_EQ(mistakes("JWT_REFRESH_SECRET_PREVIOUS", old), 0U);
  EXPECT_EQ(mistakes("JWT_ACCESS_SECRET_PREVIOUS", "short"), 1U);
  EXPECT_EQ(mistakes("JWT_ACCESS_SECRET_PREVIOUS", refresh), 1U);
  EXPECT_EQ(mistakes("JWT_REFRESH_SECRET_PREVIOUS", access), 1U);
}

TEST(Config, RefusesWhatTheFileMisspells) {
  const auto loaded = load({}, "PROT=3000\nnonsense\n");
  ASSERT_EQ(loaded.mistakes.size(), 2U);
  EXPECT_EQ(loaded.mistakes[0].name, "line 2");
  EXPECT_EQ(loaded.mistakes[1].name, "PROT");
}

TEST(Config, ShowsNoSecret) {
  const std::string secret = "a-very-secret-value-of-many-bytes-1";
  const auto loaded = load({{"JWT_ACCESS_SECRET", secret},
                            {"JWT_ACCESS_SECRET_PREVIOUS", secret},
                            {"TURN_SECRET", secret},
                            {"DATABASE_URL", "postgresql://u:" + secret + "@h/db"}});
  for (const ConfigLine& line : loaded.lines)
    EXPECT_EQ(line.value.find(secret), std::string::npos) << line.name;
  for (const ConfigMistake& mistake : loaded.mistakes) {
    EXPECT_EQ(mistake.value.find(secret), std::string::npos) << mistake.name;
  }
}

}  // namespace
}  // namespace server::app
