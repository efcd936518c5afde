// What the engine spends on a forwarded packet, beside the limit of the machine: a table of rows.
// Usage: forward_bench [cpu|latency|call|memory] [milliseconds a measurement [begin of a row]];
// without words, all. Rows of `cpu` can be chosen by how they begin, such as "10 | 120 | CM".
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <exception>
#include <filesystem>
#include <sstream>
#include <string>

#include "call.hpp"
#include "latency.hpp"
#include "rounds.hpp"
#include "setup.hpp"

namespace {

using namespace bench;
using Steady = std::chrono::steady_clock;

constexpr auto kLost = std::chrono::milliseconds{100};  // what did not arrive by then never will

struct Row {
  std::size_t receivers;
  std::size_t size;  // octets of a packet before encryption
  Cipher cipher;
  bool merges;  // receivers use UDP_GRO
  std::size_t run;
};

std::vector<Socket> open_receivers(std::size_t count, bool merges) {
  std::vector<Socket> sockets(count);
  for (Socket& socket : sockets) {
    if (merges) socket.merge();
  }
  return sockets;
}

// Takes what arrived until it is `octets`; true when it is.
bool drain(const Socket& socket, std::size_t octets, Steady::time_point until) {
  for (std::size_t taken = 0; taken < octets;) {
    if (const auto size = socket.discard()) {
      taken += *size;
    } else if (Steady::now() > until) {
      return false;
    }
  }
  return true;
}

struct Measured {
  double ns = 0;  // of CPU a packet
  std::uint64_t packets = 0;
  std::uint64_t incomplete = 0;  // bursts of which something was lost
};

// One burst after the other, the next when the last one has arrived everywhere: so bursts never
// grow together, and nothing is lost.
Measured measure(Program& program, const Row& row, std::span<const Socket> receivers,
                 Source& source, std::chrono::milliseconds time) {
  const std::size_t octets = row.run * (row.size + tag_size(row.cipher));
  Measured measured;
  const std::uint64_t before = program.child->cpu_ns();
  for (const auto end = Steady::now() + time; Steady::now() < end;) {
    source.send(program.port, row.run);
    const auto until = Steady::now() + kLost;
    // The last receiver first: when its packets are there, so are the others'.
    bool is_complete = drain(receivers.back(), octets, until);
    for (const Socket& receiver : receivers.first(receivers.size() - 1)) {
      is_complete = drain(receiver, octets, until) && is_complete;
    }
    measured.incomplete += is_complete ? 0 : 1;
    measured.packets += row.run * receivers.size();
  }
  measured.ns =
      static_cast<double>(program.child->cpu_ns() - before) / static_cast<double>(measured.packets);
  return measured;
}

// What sealing and sending alone took the limit.
Measured totals(Program& limit) {
  limit.child->write_line("");
  std::istringstream answer(limit.child->read_line());
  Measured total;
  answer >> total.ns >> total.packets;
  return total;
}

std::string name_of(const Row& row) {
  return fmt::format("{} | {} | {} | {} | {}", row.receivers, row.size,
                     row.cipher == Cipher::Gcm ? "GCM" : "CM", row.merges ? "yes" : "no", row.run);
}

// Returns engine / limit.
double print_row(const std::string& folder, const Row& row, std::chrono::milliseconds time) {
  const auto receivers = open_receivers(row.receivers, row.merges);
  Program engine = start_engine(folder, row.cipher, receivers);
  Program limit = start_limit(folder, row.cipher, receivers);
  Source to_engine(row.size);
  Source to_limit(row.size);
  std::vector<double> engine_ns;
  std::vector<double> limit_ns;
  std::vector<double> bare_ns;
  std::uint64_t incomplete = 0;
  for (int round = 0; round < kRounds; ++round) {
    const Measured ours = measure(engine, row, receivers, to_engine, time / kRounds);
    const Measured before = totals(limit);
    const Measured theirs = measure(limit, row, receivers, to_limit, time / kRounds);
    engine_ns.push_back(ours.ns);
    const Measured after = totals(limit);
    limit_ns.push_back(theirs.ns);
    bare_ns.push_back((after.ns - before.ns) / static_cast<double>(after.packets - before.packets));
    incomplete += ours.incomplete + theirs.incomplete;
  }
  const double ours = median(engine_ns);
  const double bare = median(bare_ns);
  fmt::print("| {} | {:.0f} | {:.2f} M | {:.0f} | {:.0f} | {:.2f} |{}\n", name_of(row), ours,
             1000 / ours, bare, median(limit_ns), ours / bare,
             incomplete == 0 ? "" : fmt::format(" {} bursts incomplete", incomplete));
  std::fflush(stdout);
  return ours / bare;
}

void print_cpu(const std::string& folder, std::chrono::milliseconds time,
               const std::string& chosen) {
  fmt::print(
      "| out | octets | cipher | UDP_GRO | run | ns of CPU a packet | packets/s a core | "
      "limit, ns | limit with receiving, ns | times the limit |\n"
      "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n");
  std::vector<double> ratios;
  for (const std::size_t receivers : {10, 50, 200}) {
    for (const std::size_t size : {1200, 120}) {
      for (const Cipher cipher : {Cipher::Gcm, Cipher::Cm}) {
        for (const bool merges : {true, false}) {
          for (const std::size_t run : {1, 4, 8, 16}) {
            const Row row{receivers, size, cipher, merges, run};
            if (!name_of(row).starts_with(chosen)) continue;
            ratios.push_back(print_row(folder, row, time));
          }
        }
      }
    }
  }
  if (ratios.empty()) return;
  const auto good = std::ranges::count_if(ratios, [](double ratio) { return ratio <= 1.35; });
  fmt::print(
      "\n{} of {} rows are at 1.35 times the limit or below; the median is {:.2f}, the worst "
      "{:.2f}.\n",
      good, ratios.size(), median(ratios), std::ranges::max(ratios));
}

// Memory of the process that a consumer adds.
void print_memory(const std::string& folder) {
  fmt::print("\n| cipher | resident memory a consumer |\n| --- | --- |\n");
  for (const Cipher cipher : {Cipher::Gcm, Cipher::Cm}) {
    const auto resident = [&](std::size_t count) {
      const auto receivers = open_receivers(count, false);
      Program engine = start_engine(folder, cipher, receivers);
      Source source(1200);
      for (int i = 0; i < 200; ++i) {
        source.send(engine.port, 1);
        for (const Socket& receiver : receivers) {
          drain(receiver, 1200 + tag_size(cipher), Steady::now() + kLost);
        }
      }
      return static_cast<double>(engine.child->resident_octets());
    };
    const double few = resident(10);
    fmt::print("| {} | {:.1f} KB |\n", cipher == Cipher::Gcm ? "GCM" : "CM",
               (resident(500) - few) / 490 / 1024);
  }
}

}  // namespace

int main(int argc, char** argv) {
  const std::string folder = std::filesystem::canonical("/proc/self/exe").parent_path();
  const std::string what = argc > 1 ? argv[1] : "";
  const std::chrono::milliseconds time{argc > 2 ? std::stoi(argv[2]) : 600};
  try {
    pin_to(kOurCore);
    if (what.empty() || what == "cpu") print_cpu(folder, time, argc > 3 ? argv[3] : "");
    if (what.empty() || what == "latency") print_latency(folder, 5 * time);
    if (what.empty() || what == "call") print_calls(folder, 5 * time);
    if (what.empty() || what == "memory") print_memory(folder);
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 1;
  }
}
