// Both databases for one suite: a test that runs on either takes its DATABASE_URL from here.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>

#include "db/database.hpp"
#include "db/migrations.hpp"
#include "postgres_server.hpp"

namespace server::testing {

enum class Backend : std::uint8_t { Sqlite, Postgresql };

inline std::string backend_name(const ::testing::TestParamInfo<Backend>& info) {
  return info.param == Backend::Sqlite ? "Sqlite" : "Postgresql";
}

// An empty database, gone at the end.
class EmptyDatabase {
 public:
  explicit EmptyDatabase(Backend backend) {
    if (backend == Backend::Postgresql) {
      text_ = PostgresServer::shared().create_database();
      return;
    }
    std::string name = std::filesystem::temp_directory_path() / "webrtc-chat-db-XXXXXX";
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
    folder_ = name;
    text_ = "sqlite:" + (folder_ / "test.db").string();
  }
  ~EmptyDatabase() {
    std::error_code ignored;
    if (!folder_.empty()) std::filesystem::remove_all(folder_, ignored);
  }
  EmptyDatabase(const EmptyDatabase&) = delete;
  EmptyDatabase& operator=(const EmptyDatabase&) = delete;

  db::DatabaseUrl url() const { return *db::DatabaseUrl::parse(text_); }

 private:
  std::filesystem::path folder_;
  std::string text_;
};

#define INSTANTIATE_ON_BOTH_DATABASES(suite)                                                     \
  INSTANTIATE_TEST_SUITE_P(                                                                      \
      OnDatabase, suite,                                                                         \
      ::testing::Values(server::testing::Backend::Sqlite, server::testing::Backend::Postgresql), \
      server::testing::backend_name)

}  // namespace server::testing
