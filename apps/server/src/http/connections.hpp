// Every open connection of the HTTP door: their number, their deadlines, and their end at a stop.
#pragma once

#include <algorithm>
#include <boost/asio/ip/tcp.hpp>
#include <list>

#include "base/time.hpp"

namespace server::http {

namespace net = boost::asio;
using net::ip::tcp;

// One row: kept by the connection's coroutine, looked at by the sweep.
struct Connection {
  tcp::socket* socket = nullptr;        // null once a WebSocket owns it
  Instant deadline = Instant::never();  // what is awaited now must have happened by then
  bool timed_out = false;
  // Idle, between two requests: may be closed without loss. Receiving: a request has begun to
  // arrive. Answering: the rest is up to us.
  enum class State : std::uint8_t { Idle, Receiving, Answering } state = State::Idle;
};

// Control thread only. One sweep a second for all of them is cheaper than a timer each.
class Connections {
 public:
  std::size_t count() const { return rows_.size(); }
  bool draining() const { return draining_; }
  // Connections that did not bring or take in time what was awaited, idle ones aside.
  std::uint64_t timed_out() const { return timed_out_; }

  // Cancels what is overdue; the coroutine finds `timed_out` and answers or closes.
  void sweep(Instant now);
  // Closes idle connections now, gives requests that are still arriving until `arrive_by`, and
  // lets the answers that are under way be finished.
  void drain(Instant arrive_by);
  // For what is to arrive by `deadline`: earlier when the server drains.
  Instant arrival_deadline(Instant deadline) const { return std::min(deadline, arrive_by_); }
  // Closes them all, whatever they are at.
  void cut();

  // Adds a row for as long as the guard lives.
  class Guard {
   public:
    Guard(Connections& connections, tcp::socket& socket);
    ~Guard();
    Guard(const Guard&) = delete;
    Guard& operator=(const Guard&) = delete;
    Connection* operator->() { return &*row_; }

   private:
    Connections& connections_;
    std::list<Connection>::iterator row_;
  };

 private:
  std::list<Connection> rows_;
  bool draining_ = false;
  std::uint64_t timed_out_ = 0;
  Instant arrive_by_ = Instant::never();  // set by drain()
};

}  // namespace server::http
