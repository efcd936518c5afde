#include "http/static_files.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

namespace server::http {
namespace {

namespace fs = std::filesystem;

class StaticFilesTest : public testing::Test {
 protected:
  void SetUp() override {
    root_ = fs::path(testing::TempDir()) /
            testing::UnitTest::GetInstance()->current_test_info()->name();
    fs::create_directories(root_ / "assets");
    write("index.html", "<html></html>");
    write("assets/app-1a2b.js", "plain");
    write("assets/app-1a2b.js.gz", "gzipped");
    write("assets/app-1a2b.js.br", "brotlied");
    write("csp-hashes.txt", "sha256-abc\nsha256-def\n");
    write("../secret.txt", "secret");
  }
  void TearDown() override { fs::remove_all(root_); }

  void write(const char* name, std::string_view text) { std::ofstream(root_ / name) << text; }

  static Response get(const StaticFiles& files, std::string path,
                      std::vector<Header> headers = {}) {
    Request request;
    request.path = std::move(path);
    request.headers = std::move(headers);
    return files.serve(request);
  }
  static std::string header_of(const Response& response, std::string_view name) {
    const auto found = std::ranges::find(response.headers, name, &Header::first);
    return found == response.headers.end() ? "" : found->second;
  }

  fs::path root_;
};

TEST_F(StaticFilesTest, HashedAssetsAreImmutableAndThePageIsNot) {
  const StaticFiles files(root_);
  EXPECT_EQ(header_of(get(files, "/assets/app-1a2b.js"), "Cache-Control"),
            "public, max-age=31536000, immutable");
  EXPECT_EQ(header_of(get(files, "/index.html"), "Cache-Control"), "no-cache");
}

TEST_F(StaticFilesTest, SendsTheEncodingThatTheClientTakes) {
  const StaticFiles files(root_);
  EXPECT_EQ(*get(files, "/assets/app-1a2b.js").shared_body, "plain");
  EXPECT_EQ(*get(files, "/assets/app-1a2b.js", {{"Accept-Encoding", "gzip"}}).shared_body,
            "gzipped");
  const Response best =
      get(files, "/assets/app-1a2b.js", {{"Accept-Encoding", "gzip, deflate, br"}});
  EXPECT_EQ(*best.shared_body, "brotlied");
  EXPECT_EQ(header_of(best, "Content-Encoding"), "br");
  EXPECT_EQ(header_of(best, "Content-Type"), "text/javascript; charset=utf-8");
  const Response refused =
      get(files, "/assets/app-1a2b.js", {{"Accept-Encoding", "br;q=0, gzip; q=0.0, brotli"}});
  EXPECT_EQ(*refused.shared_body, "plain");
  const Response weighed =
      get(files, "/assets/app-1a2b.js", {{"Accept-Encoding", "br;q=0,gzip;q=0.5"}});
  EXPECT_EQ(*weighed.shared_body, "gzipped");
}

TEST_F(StaticFilesTest, AnswersAKnownETagWithoutABody) {
  const StaticFiles files(root_);
  const std::string etag = header_of(get(files, "/index.html"), "ETag");
  const Response response = get(files, "/index.html", {{"If-None-Match", etag}});
  EXPECT_EQ(response.status, 304U);
  EXPECT_EQ(response.shared_body, nullptr);
  EXPECT_EQ(get(files, "/index.html", {{"If-None-Match", "\"other\""}}).status, 200U);
}

TEST_F(StaticFilesTest, OtherPathsAreThePageAndMissingFilesAreMissing) {
  const StaticFiles files(root_);
  EXPECT_EQ(*get(files, "/room/abc-defg-hij").shared_body, "<html></html>");
  EXPECT_EQ(get(files, "/assets/gone.js").status, 404U);
}

TEST_F(StaticFilesTest, NeverLeavesItsFolder) {
  const StaticFiles files(root_);
  for (const char* path :
       {"/../secret.txt", "/assets/../../secret.txt", "//etc/passwd.txt", "/csp-hashes.txt"}) {
    EXPECT_EQ(get(files, path).status, 404U) << path;
  }
}

TEST_F(StaticFilesTest, ListsTheHashesOfInlineScripts) {
  EXPECT_EQ(StaticFiles(root_).script_hashes(), " 'sha256-abc' 'sha256-def'");
}

TEST(StaticFiles, SaysHowToBuildAPageThatIsNotThere) {
  const StaticFiles files("/nowhere");
  Request request;
  request.path = "/";
  EXPECT_NE(files.serve(request).shared_body->find("scripts/run"), std::string::npos);
}

}  // namespace
}  // namespace server::http
