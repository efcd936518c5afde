// `ortc`: negotiation on the command line. One JSON object a line in, one a line out, in order.
#include <iostream>
#include <string>
#include <string_view>

#include "ortc/ops.hpp"

namespace {

constexpr std::size_t kLineMax = 4U << 20;  // octets; real input has some 20 000

constexpr std::string_view kHelp =
    "Usage: ortc < requests > answers\n"
    "\n"
    "Reads one JSON object a line and writes one a line in the same order:\n"
    "{\"result\":...} or {\"error\":{\"code\",\"message\"}}. Operations (\"op\") and arguments:\n"
    "  routerRtpCapabilities  mediaCodecs\n"
    "  producerMapping        params, caps\n"
    "  consumable             kind, params, caps, mapping\n"
    "  canConsume             consumable, caps\n"
    "  consumer               consumable, remoteCaps, pipe, enableRtx\n"
    "  pipeConsumer           consumable, enableRtx\n";

enum class Line { Whole, TooLong, End };

// Reads up to the next newline or the end; of a line that is too long nothing is kept.
Line read_line(std::istream& in, std::string& line) {
  line.clear();
  std::streambuf& buffer = *in.rdbuf();
  using Traits = std::streambuf::traits_type;
  bool is_empty = true;
  bool is_too_long = false;
  for (auto c = buffer.sbumpc(); !Traits::eq_int_type(c, Traits::eof()); c = buffer.sbumpc()) {
    is_empty = false;
    if (Traits::to_char_type(c) == '\n') return is_too_long ? Line::TooLong : Line::Whole;
    is_too_long = is_too_long || line.size() == kLineMax;
    if (!is_too_long) line += Traits::to_char_type(c);
  }
  if (is_empty) return Line::End;
  return is_too_long ? Line::TooLong : Line::Whole;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc > 1) {
    const bool asks = argc == 2 && std::string_view(argv[1]) == "--help";
    (asks ? std::cout : std::cerr) << kHelp;
    return asks ? 0 : 2;
  }
  std::ios::sync_with_stdio(false);
  SecureRandom random;
  std::string line;
  for (Line read = read_line(std::cin, line); read != Line::End; read = read_line(std::cin, line)) {
    std::cout << (read == Line::Whole ? ortc_tool::answer(line, random)
                                      : ortc_tool::answer_to_long_line())
              << '\n'
              << std::flush;
  }
  return std::cout.good() ? 0 : 1;
}
