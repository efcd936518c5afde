// How long a packet takes through a program, from one kernel stamp of its reception to the next.
#pragma once

#include <chrono>
#include <string>

namespace bench {

// A table of engine and limit at the load that keeps the engine busy for 70 % of the time.
void print_latency(const std::string& folder, std::chrono::milliseconds time);

}  // namespace bench
