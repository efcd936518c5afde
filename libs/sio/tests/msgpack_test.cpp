#include "sio/msgpack.hpp"

#include <gtest/gtest.h>

#include "base/bytes.hpp"
#include "rtc/testing/hex.hpp"
#include "sio/json_text.hpp"
#include "sio/packet.hpp"

namespace {

namespace json = boost::json;
using namespace sio;

std::string octets(std::string_view hex) { return std::string(text_of(rtc::testing::hex(hex))); }

// What it says as JSON; `-` when it is refused.
std::string read(const std::string& bytes) {
  const auto unpacked = unpack_msgpack(bytes);
  if (!unpacked) return "-";
  std::string text;
  append_json(text, unpacked->value);
  return text;
}

std::string read_hex(std::string_view hex) { return read(octets(hex)); }

// All kinds of values as notepack.io 3.0.1 writes them: `[undefined, null, true, -1, -200, 1.5,
// 2 ** 40, -(2 ** 40), "é😀", "x".repeat(40), [], {u: undefined}]`.
TEST(Msgpack, ReadsWhatNotepackWrites) {
  EXPECT_EQ(
      read_hex("9cc0c0c3ffd1ff38cb3ff8000000000000cf0000010000000000d3ffffff0000000000a6c3a9"
               "f09f9880d92878787878787878787878787878787878787878787878787878787878787878787878"
               "7878787878789080"),
      "[null,null,true,-1,-200,1.5,1099511627776,-1099511627776,\"é😀\",\"" + std::string(40, 'x') +
          "\",[],{}]");
}

// `new Date(1700000000000)`, `…123` and `new Date(-1500)` by the same.
TEST(Msgpack, ReadsATimeAsJsonHasIt) {
  EXPECT_EQ(read_hex("d6ff6553f100"), R"("2023-11-14T22:13:20.000Z")");
  EXPECT_EQ(read_hex("d7ff1d5353006553f100"), R"("2023-11-14T22:13:20.123Z")");
  EXPECT_EQ(read_hex("c70cff1dcd6500fffffffffffffffe"), R"("1969-12-31T23:59:58.500Z")");
  EXPECT_EQ(read_hex("c70cff000000007fffffffffffffff"), "null") << "a year out of range";
  EXPECT_EQ(read_hex("c70cffffffffff0000000000000000"), "null") << "more than a second";
  EXPECT_EQ(read_hex("d5ff0000"), "-") << "a time has 4, 8 or 12 octets";
}

TEST(Msgpack, ReadsTheUndefinedOfNotepack2AndNoOtherExtension) {
  EXPECT_EQ(read_hex("d40000"), "null");
  EXPECT_EQ(read_hex("d40100"), "-");
  EXPECT_EQ(read_hex("d5000000"), "-");
}

TEST(Msgpack, MakesBinaryValuesAttachments) {
  const auto unpacked = unpack_msgpack(octets("92c403010203 81a166c40178"));
  ASSERT_TRUE(unpacked);
  EXPECT_EQ(unpacked->attachments, (std::vector<std::string>{octets("010203"), "x"}));
  EXPECT_EQ(unpacked->value,
            json::parse(R"([{"_placeholder":true,"num":0},{"f":{"_placeholder":true,"num":1}}])"));
  EXPECT_EQ(pack_msgpack(unpacked->value, unpacked->attachments),
            octets("92c403010203 81a166c40178"));
}

TEST(Msgpack, RefusesEveryCutAndWhatFollows) {
  const std::string whole = octets("82a16193c3cb3ff8000000000000a3616263a162d6ff6553f100");
  ASSERT_NE(read(whole), "-");
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_EQ(read(whole.substr(0, size)), "-") << size;
  }
  EXPECT_EQ(read(whole + '\0'), "-");
}

TEST(Msgpack, RefusesWhatIsNoText) {
  EXPECT_EQ(read_hex("a1ff"), "-");
  EXPECT_EQ(read_hex("81a1ffc0"), "-") << "a name";
  EXPECT_EQ(read_hex("8101c0"), "-") << "a name that is a number";
}

TEST(Msgpack, RefusesWhatIsBeyondTheBounds) {
  EXPECT_NE(read(std::string(kJsonDepthMax, '\x91') + '\xC0'), "-");
  EXPECT_EQ(read(std::string(kJsonDepthMax + 1, '\x91') + '\xC0'), "-");
  EXPECT_NE(read(std::string(kJsonDepthMax - 1, '\x91') + octets("c400")), "-");
  EXPECT_EQ(read(std::string(kJsonDepthMax, '\x91') + octets("c400")), "-") << "its placeholder";

  const auto array = [](std::size_t size) {
    return octets("dd 00") +
           std::string{static_cast<char>(size >> 16), static_cast<char>(size >> 8),
                       static_cast<char>(size)} +
           std::string(size, '\xC0');
  };
  EXPECT_NE(read(array(kMsgpackValuesMax - 1)), "-");
  EXPECT_EQ(read(array(kMsgpackValuesMax)), "-");

  std::string binaries = "\x9A";
  for (std::size_t i = 0; i < kAttachmentsMax; ++i) binaries += octets("c400");
  EXPECT_NE(read(binaries), "-");
  binaries.front() = '\x9B';
  EXPECT_EQ(read(binaries + octets("c400")), "-");

  EXPECT_EQ(read_hex("ddffffffff"), "-") << "no memory for what is only announced";
  EXPECT_EQ(read_hex("dfffffffff"), "-");
  EXPECT_EQ(read_hex("c6ffffffff"), "-");
  EXPECT_EQ(read_hex("dbffffffff"), "-");
}

TEST(Msgpack, WritesWhatItReads) {
  const auto value = json::parse(
      R"({"a":[null,true,-1,200,70000,1.5,1e300,18446744073709551615,"é"],"b":{},"c":""})");
  EXPECT_EQ(unpack_msgpack(pack_msgpack(value, {}))->value, value);
  const auto literal = json::parse(R"({"_placeholder":true,"num":1})");
  const std::vector<std::string> one{"x"};
  EXPECT_EQ(unpack_msgpack(pack_msgpack(literal, one))->value, literal) << "of no attachment";
}

}  // namespace
