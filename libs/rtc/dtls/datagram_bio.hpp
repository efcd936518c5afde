// What stands between OpenSSL and the network: datagrams in memory, and a clock that is not there.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "base/bytes.hpp"

struct bio_st;
struct timeval;

namespace rtc {

// OpenSSL reads the wall clock for its DTLS timer, but tells its BIO of the timer: by
// BIO_CTRL_DGRAM_SET_NEXT_TIMEOUT with a pointer to the deadline that it keeps, whenever it arms or
// stops it. This BIO pushes the armed deadline out of reach of the wall clock, so that OpenSSL
// never finds it due by itself, and expire() pulls it into the past when the engine's own, virtual
// deadline has come; DTLSv1_handle_timeout() then does its work as ever. (From OpenSSL 3.2 on
// the BIO is given a copy; the simulation test of DtlsTransport fails there.)
class DatagramBio {
 public:
  static constexpr std::size_t kQueueMax = 64;  // datagrams that wait to be sent; more are lost

  // The BIO for SSL_set_bio(), which takes it over; it must not outlive this object.
  bio_st* make();

  // The datagram that OpenSSL reads next; it must stay where it is until then.
  void offer(Bytes datagram) { incoming_ = datagram; }
  std::optional<std::vector<std::uint8_t>> poll();

  bool is_armed() const { return is_armed_; }
  unsigned armings() const { return armings_; }  // counts how often the timer was started
  void expire();

 private:
  static int read(bio_st* bio, char* buffer, int size);
  static int write(bio_st* bio, const char* data, int size);
  static long control(bio_st* bio, int command, long number, void* pointer);
  static int create(bio_st* bio);
  static int destroy(bio_st*) { return 1; }

  Bytes incoming_;
  std::deque<std::vector<std::uint8_t>> outgoing_;
  timeval* deadline_ = nullptr;  // OpenSSL's own
  bool is_armed_ = false;
  unsigned armings_ = 0;
};

}  // namespace rtc
