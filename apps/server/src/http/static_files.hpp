// The page: every file of the client's build, read once and kept ready to send.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "http/message.hpp"

namespace server::http {

class StaticFiles {
 public:
  // Reads `root` with its .gz and .br twins. A folder without index.html gives a page that says
  // how to build the client.
  explicit StaticFiles(const std::filesystem::path& root);

  // GET or HEAD: the file, 304 when its ETag is known to the client, the application's page for
  // any other path (its router decides), 404 for a missing file with an extension.
  // Files below /assets/ have their hash in the name and are immutable.
  Response serve(const Request& request) const;

  // "'sha256-…'" of each inline script of the page, as the client's build listed them.
  const std::string& script_hashes() const { return script_hashes_; }

 private:
  struct File {
    std::string content_type;
    std::string etag;
    std::shared_ptr<const std::string> plain;
    std::shared_ptr<const std::string> gzip;    // null: not there
    std::shared_ptr<const std::string> brotli;  // null: not there
  };

  void load(const std::filesystem::path& root);

  std::map<std::string, File, std::less<>> files_;  // by path, "/assets/x.js"
  std::string script_hashes_;
};

}  // namespace server::http
