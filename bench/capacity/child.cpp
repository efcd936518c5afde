#include "child.hpp"

#include <fcntl.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <stdexcept>

namespace bench {

namespace {

constexpr int kPriority = -15;  // before what else the machine does, where that is allowed

}  // namespace

void pin_to(int cpu) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(static_cast<std::size_t>(cpu), &set);
  sched_setaffinity(0, sizeof set, &set);
  (void)setpriority(PRIO_PROCESS, 0, kPriority);
}

Child::Child(const std::vector<std::string>& command, int cpu) {
  int to[2];
  int from[2];
  // Not for the next child: it would keep this one from seeing the end of its input.
  if (pipe2(to, O_CLOEXEC) != 0 || pipe2(from, O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
  pid_ = fork();
  if (pid_ == 0) {
    pin_to(cpu);
    dup2(to[0], STDIN_FILENO);
    dup2(from[1], STDOUT_FILENO);
    std::vector<char*> arguments;
    for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    execv(arguments[0], arguments.data());
    _exit(127);
  }
  close(to[0]);
  close(from[1]);
  input_ = to[1];
  output_ = from[0];
}

Child::~Child() {
  finish();
  close(output_);
}

void Child::write_line(const std::string& line) {
  const std::string text = line + "\n";
  for (std::size_t done = 0; done < text.size();) {
    const ssize_t size = write(input_, text.data() + done, text.size() - done);
    if (size <= 0) throw std::runtime_error("a program takes no input");
    done += static_cast<std::size_t>(size);
  }
}

std::string Child::read_line() {
  std::string line;
  for (char octet = 0; read(output_, &octet, 1) == 1 && octet != '\n';) line += octet;
  if (line.empty()) throw std::runtime_error("a program printed nothing");
  return line;
}

std::string Child::finish() {
  if (input_ < 0) return "";
  close(input_);
  input_ = -1;
  std::string text;
  char chunk[4096];
  for (ssize_t size = 0; (size = read(output_, chunk, sizeof chunk)) > 0;) {
    text.append(chunk, static_cast<std::size_t>(size));
  }
  waitpid(pid_, nullptr, 0);
  return text;
}

std::uint64_t Child::cpu_ns() const {
  std::uint64_t total = 0;
  const std::string tasks = "/proc/" + std::to_string(pid_) + "/task";
  for (const auto& task : std::filesystem::directory_iterator(tasks)) {
    std::uint64_t ran = 0;
    std::ifstream(task.path() / "schedstat") >> ran;
    total += ran;
  }
  return total;
}

std::uint64_t Child::resident_octets() const {
  std::uint64_t size = 0;
  std::uint64_t resident = 0;
  std::ifstream("/proc/" + std::to_string(pid_) + "/statm") >> size >> resident;
  return resident * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

}  // namespace bench
