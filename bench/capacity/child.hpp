// A program under measurement: started with pipes, pinned to a core, and its CPU time read.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

namespace bench {

// Confines the calling process and what it starts later to one core, and puts it before others.
void pin_to(int cpu);

class Child {
 public:
  Child(const std::vector<std::string>& command, int cpu);
  // Closes its input and waits for its end.
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  void write_line(const std::string& line);
  std::string read_line();
  // What it prints once its input is closed.
  std::string finish();

  std::uint64_t cpu_ns() const;  // user and system, of all its threads
  std::uint64_t resident_octets() const;

 private:
  pid_t pid_ = -1;
  int input_ = -1;
  int output_ = -1;
};

}  // namespace bench
