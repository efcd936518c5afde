// The one place that builds the parts of the server, starts them and stops them in order.
#pragma once

#include <memory>

#include "app/config.hpp"

namespace server::app {

class Server {
 public:
  // Opens the store and brings it up to date, and binds every port. Throws what cannot be done
  // in words for the operator.
  explicit Server(const Config& config);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Serves until SIGTERM or SIGINT, then lets what is under way end, ten seconds at most.
  // SIGHUP reads the certificate again.
  void run();

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace server::app
