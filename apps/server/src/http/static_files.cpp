#include "http/static_files.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string_view>

#include "base/base64.hpp"
#include "http/compression.hpp"
#include "http/json.hpp"

namespace server::http {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view kNotBuilt =
    "<!doctype html><html lang=\"en\"><title>WebRTC Chat</title>"
    "<p>The server runs, but its page has not been built: run <code>scripts/run</code>.</p></html>";

constexpr std::array<std::pair<std::string_view, std::string_view>, 14> kTypes{{
    {".html", "text/html; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"},
    {".css", "text/css; charset=utf-8"},
    {".json", "application/json; charset=utf-8"},
    {".webmanifest", "application/manifest+json; charset=utf-8"},
    {".svg", "image/svg+xml; charset=utf-8"},
    {".png", "image/png"},
    {".jpg", "image/jpeg"},
    {".ico", "image/x-icon"},
    {".woff2", "font/woff2"},
    {".wasm", "application/wasm"},
    {".mp3", "audio/mpeg"},
    {".wav", "audio/wav"},
    {".txt", "text/plain; charset=utf-8"},
}};

std::string content_type_of(const std::string& path) {
  for (const auto& [extension, type] : kTypes) {
    if (path.ends_with(extension)) return std::string(type);
  }
  return "application/octet-stream";
}

std::shared_ptr<const std::string> read(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return std::make_shared<const std::string>(std::istreambuf_iterator<char>(file),
                                             std::istreambuf_iterator<char>());
}

std::shared_ptr<const std::string> read_if_there(const fs::path& path) {
  return fs::is_regular_file(path) ? read(path) : nullptr;
}

std::string etag_of(const std::string& content) {
  std::array<std::uint8_t, EVP_MAX_MD_SIZE> digest{};
  EVP_Digest(content.data(), content.size(), digest.data(), nullptr, EVP_sha256(), nullptr);
  return base64url_encode(Bytes(digest).first(12));
}

bool lists(std::string_view header, std::string_view item) {
  return header.find(item) != std::string_view::npos;
}

}  // namespace

StaticFiles::StaticFiles(const fs::path& root) {
  if (fs::is_directory(root)) load(root);
  if (!files_.contains("/index.html")) {
    auto page = std::make_shared<const std::string>(kNotBuilt);
    files_["/index.html"] = File{content_type_of(".html"), etag_of(*page), page, nullptr, nullptr};
  }
}

void StaticFiles::load(const fs::path& root) {
  for (const auto& entry : fs::recursive_directory_iterator(root)) {
    const std::string path = "/" + fs::relative(entry.path(), root).generic_string();
    const bool is_twin = path.ends_with(".gz") || path.ends_with(".br");
    if (!entry.is_regular_file() || is_twin || path == "/csp-hashes.txt") continue;
    auto plain = read(entry.path());
    std::string etag = etag_of(*plain);
    files_[path] = File{content_type_of(path), std::move(etag), std::move(plain),
                        read_if_there(entry.path().string() + ".gz"),
                        read_if_there(entry.path().string() + ".br")};
  }
  std::ifstream hashes(root / "csp-hashes.txt");
  for (std::string hash; hashes >> hash;) script_hashes_ += " '" + hash + "'";
}

Response StaticFiles::serve(const Request& request) const {
  auto found = files_.find(request.path);
  if (found == files_.end()) {
    const std::string_view name =
        std::string_view(request.path).substr(request.path.rfind('/') + 1);
    const bool names_a_file = name.find('.') != std::string_view::npos;
    if (names_a_file) {
      return error_response({404, "NOT_FOUND", "there is no such file", {}, {}});
    }
    found = files_.find("/index.html");
  }
  const File& file = found->second;
  const bool is_immutable = found->first.starts_with("/assets/");

  const std::string_view accepted = request.header("Accept-Encoding");
  std::string_view encoding;
  std::shared_ptr<const std::string> body = file.plain;
  if (file.brotli && takes_encoding(accepted, "br")) {
    encoding = "br";
    body = file.brotli;
  } else if (file.gzip && takes_encoding(accepted, "gzip")) {
    encoding = "gzip";
    body = file.gzip;
  }

  const std::string etag =
      "\"" + file.etag + (encoding.empty() ? "" : "-" + std::string(encoding)) + "\"";
  Response response;
  response.set("ETag", etag)
      .set("Cache-Control", is_immutable ? "public, max-age=31536000, immutable" : "no-cache")
      .set("Vary", "Accept-Encoding");
  if (lists(request.header("If-None-Match"), etag)) {
    response.status = 304;
    return response;
  }
  response.set("Content-Type", file.content_type);
  if (!encoding.empty()) response.set("Content-Encoding", std::string(encoding));
  response.shared_body = std::move(body);
  return response;
}

}  // namespace server::http
