// A door below a path prefix that is more than request and answer: long polling and WebSocket.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "http/routes.hpp"

namespace server::http {

class WebSocket;

struct Doorway {
  std::string prefix;  // "/socket.io/"
  // Plain HTTP below the prefix. When the client goes away while this awaits, the coroutine is
  // cancelled (terminal): its current await ends with operation_aborted, so that a hanging GET
  // learns of it.
  std::function<net::awaitable<Response>(Request)> handle;
  // May be empty. Asked with the head of a request that has a body: what is answered instead of
  // reading it; nullopt: it is read.
  std::function<std::optional<Response>(const Request& head)> refuse_body;
  // May be empty. Told the head of a request whose body is about to be read; what it gives is kept
  // until the request is answered or its client gone, so that overlapping requests are seen.
  std::function<std::shared_ptr<void>(const Request& head)> expect_body;
  // Asked before a WebSocket upgrade: nullopt admits it, else this is answered instead of the 101.
  std::function<net::awaitable<std::optional<Response>>(const Request&)> refuse_upgrade;
  // Headers that the 101 carries (CORS).
  std::function<std::vector<Header>(const Request&)> upgrade_headers;
  std::function<net::awaitable<void>(Request, std::shared_ptr<WebSocket>)> serve_web_socket;
  std::size_t body_max = 1'000'000;     // octets of a request body
  std::size_t message_max = 1'000'000;  // octets of a WebSocket message
};

}  // namespace server::http
