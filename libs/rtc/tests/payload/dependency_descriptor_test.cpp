#include "rtc/payload/dependency_descriptor.hpp"

#include <gtest/gtest.h>

#include <string>

#include "base/random.hpp"

namespace {

using rtc::DecodeTargetIndication;
using rtc::DependencyDescriptor;
using rtc::DependencyError;
using rtc::DependencyStructure;

// Octets from fields as text of zeros and ones.
std::vector<std::uint8_t> bits(std::string text) {
  std::erase(text, ' ');
  while (text.size() % 8 != 0) text += '0';
  std::vector<std::uint8_t> octets;
  for (std::size_t i = 0; i < text.size(); i += 8) {
    octets.push_back(static_cast<std::uint8_t>(std::stoi(text.substr(i, 8), nullptr, 2)));
  }
  return octets;
}

// L1T2: two decode targets, three templates, one chain that protects both.
const std::string kMandatory = "1 0 000101 0000000000000111";  // template 5, frame 7

// The rest of the structure, up to the resolutions: templates from 5 and two targets; layers T0,
// T0, T1, end; indications SS, RR, -D; references none, 3 back, 1 back; one chain, which protects
// both (in no bits), and how far back its last frame is from each template.
std::string structure(const std::string& resolutions) {
  return "000101 00001 00 01 11 1010 1111 0001 0 100100 100000 10 0000 0010 0001 " + resolutions;
}

TEST(DependencyDescriptor, ReadsAStructureAndItsFrame) {
  const auto data =
      bits(kMandatory + "1 0 0 0 0" + structure("1 0000000100111111 0000000010110011"));
  const auto descriptor = DependencyDescriptor::parse(data, nullptr);
  ASSERT_TRUE(descriptor);
  EXPECT_TRUE(descriptor->starts_frame);
  EXPECT_FALSE(descriptor->ends_frame);
  EXPECT_EQ(descriptor->frame_number, 7);
  ASSERT_TRUE(descriptor->structure);
  const DependencyStructure& s = *descriptor->structure;
  EXPECT_EQ(s.decode_target_count, 2U);
  EXPECT_EQ(s.template_count, 3U);
  EXPECT_EQ(s.chain_count, 1U);
  EXPECT_EQ(s.spatial_layer_count(), 1);
  EXPECT_EQ(s.templates[1].temporal_layer, 0);
  EXPECT_EQ(s.templates[2].temporal_layer, 1);
  EXPECT_EQ(s.templates[2].indications[0], DecodeTargetIndication::NotPresent);
  EXPECT_EQ(s.templates[2].indications[1], DecodeTargetIndication::Discardable);
  EXPECT_EQ(s.templates[1].frame_diff_count, 1U);
  EXPECT_EQ(s.templates[1].frame_diffs[0], 3);
  EXPECT_EQ(s.templates[2].frame_diffs[0], 1);
  EXPECT_EQ(s.templates[1].chain_diffs[0], 2);
  EXPECT_EQ(s.target_temporal_layer[0], 0);
  EXPECT_EQ(s.target_temporal_layer[1], 1);
  EXPECT_EQ(s.resolutions[0].width, 320);
  EXPECT_EQ(s.resolutions[0].height, 180);
  EXPECT_EQ(descriptor->active_decode_targets, 3U);
  EXPECT_EQ(descriptor->frame.indications[0], DecodeTargetIndication::Switch);
  EXPECT_EQ(descriptor->frame.frame_diff_count, 0U);
}

std::unique_ptr<DependencyStructure> known_structure() {
  auto descriptor =
      DependencyDescriptor::parse(bits(kMandatory + "10000" + structure("0")), nullptr);
  return descriptor ? std::move(descriptor->structure) : nullptr;
}

TEST(DependencyDescriptor, ThreeOctetsNameATemplateOfTheKnownStructure) {
  const auto known = known_structure();
  ASSERT_TRUE(known);
  const auto data = bits("1 1 000111 0000000000001001");  // template 7: the third
  const auto descriptor = DependencyDescriptor::parse(data, known.get());
  ASSERT_TRUE(descriptor);
  EXPECT_EQ(descriptor->frame.temporal_layer, 1);
  EXPECT_EQ(descriptor->frame.indications[1], DecodeTargetIndication::Discardable);
  EXPECT_FALSE(descriptor->active_decode_targets);
  EXPECT_FALSE(descriptor->structure);
}

TEST(DependencyDescriptor, ReadsWhatDiffersFromTheTemplate) {
  const auto known = known_structure();
  const auto data = bits(
      "11 000111 0000000000001001  0 1 1 1 1  01  1100"
      "01 0010 11 000011111111 00  00000101");
  const auto descriptor = DependencyDescriptor::parse(data, known.get());
  ASSERT_TRUE(descriptor);
  EXPECT_EQ(descriptor->active_decode_targets, 1U);
  EXPECT_EQ(descriptor->frame.indications[0], DecodeTargetIndication::Required);
  EXPECT_EQ(descriptor->frame.indications[1], DecodeTargetIndication::NotPresent);
  EXPECT_EQ(descriptor->frame.frame_diff_count, 2U);
  EXPECT_EQ(descriptor->frame.frame_diffs[0], 3);
  EXPECT_EQ(descriptor->frame.frame_diffs[1], 256);
  EXPECT_EQ(descriptor->frame.chain_diffs[0], 5);
}

TEST(DependencyDescriptor, TemplateNumbersWrapAtSixtyFour) {
  auto known = known_structure();
  known->template_id_offset = 63;
  EXPECT_EQ(DependencyDescriptor::parse(bits("11 000001 0000000000000000"), known.get())
                ->frame.temporal_layer,
            1);
}

TEST(DependencyDescriptor, NamesWhatIsWrong) {
  const auto known = known_structure();
  const auto error = [&](const std::string& text, const DependencyStructure* with) {
    return DependencyDescriptor::parse(bits(text), with).error();
  };
  EXPECT_EQ(error("11 000101", nullptr), DependencyError::TooShort);
  EXPECT_EQ(error(kMandatory, nullptr), DependencyError::NoStructure);
  EXPECT_EQ(error(kMandatory + "01000 11", nullptr), DependencyError::NoStructure);
  EXPECT_EQ(error("11 001000 0000000000000000", known.get()), DependencyError::UnknownTemplate);
  EXPECT_EQ(error("11 000100 0000000000000000", known.get()), DependencyError::UnknownTemplate);
  EXPECT_EQ(error(kMandatory + "00001", known.get()), DependencyError::TooShort);
  EXPECT_EQ(error(kMandatory + "10000 000101", nullptr), DependencyError::BadStructure);
}

TEST(DependencyDescriptor, RefusesMoreThanThereMayBe) {
  const std::string head = kMandatory + "10000 000000 00000";
  const auto error = [&](const std::string& text) {
    return DependencyDescriptor::parse(bits(text), nullptr).error();
  };
  std::string templates;  // without an end
  for (int i = 0; i < 100; ++i) templates += "00";
  EXPECT_EQ(error(head + templates), DependencyError::BadStructure);
  EXPECT_EQ(error(head + "10 10 10 10 11"), DependencyError::BadStructure);  // five spatial layers
  EXPECT_EQ(error(head + "01 01 01 01 01 01 01 01 11"), DependencyError::BadStructure);
  std::string diffs;
  for (int i = 0; i < 9; ++i) diffs += "10000";
  EXPECT_EQ(error(head + "11 10" + diffs + "0"), DependencyError::BadStructure);

  const auto known = known_structure();
  std::string custom;
  for (int i = 0; i < 9; ++i) custom += "010000";
  EXPECT_EQ(
      DependencyDescriptor::parse(bits(kMandatory + "00010" + custom + "00"), known.get()).error(),
      DependencyError::BadStructure);
}

// Writes `data` again with these decode targets active, and reads that.
std::uint32_t rewritten(const std::vector<std::uint8_t>& data, const DependencyStructure* known,
                        std::uint32_t active) {
  const auto before = DependencyDescriptor::parse(data, known);
  EXPECT_TRUE(before);
  std::vector<std::uint8_t> buffer(data.size() + 5, 0xFF);
  const Bytes written = before->write_active(data, active, buffer);
  const auto after = DependencyDescriptor::parse(written, known);
  EXPECT_TRUE(after);
  if (!before || !after) return 0;
  EXPECT_EQ(after->frame_number, before->frame_number);
  EXPECT_EQ(after->template_id, before->template_id);
  EXPECT_EQ(after->structure != nullptr, before->structure != nullptr);
  EXPECT_EQ(after->frame.indications, before->frame.indications);
  EXPECT_EQ(after->frame.frame_diffs, before->frame.frame_diffs);
  EXPECT_EQ(after->frame.chain_diffs, before->frame.chain_diffs);
  return after->active_decode_targets.value_or(0);
}

TEST(DependencyDescriptor, NamesOtherDecodeTargetsAsActive) {
  const auto known = known_structure();
  EXPECT_EQ(rewritten(bits("11 000111 0000000000001001"), known.get(), 1), 1U);
  EXPECT_EQ(rewritten(bits("11 000111 0000000000001001  01000 11"), known.get(), 2), 2U);
  EXPECT_EQ(rewritten(bits("11 000111 0000000000001001  0 0 1 1 1  1100"
                           "01 0010 11 000011111111 00  00000101"),
                      known.get(), 1),
            1U);
  const auto whole = kMandatory + "10000" + structure("1 0000000100111111 0000000010110011");
  EXPECT_EQ(rewritten(bits(whole), nullptr, 1), 1U);
}

TEST(DependencyDescriptor, WritesNothingWhereThereIsNoRoom) {
  const auto known = known_structure();
  const auto data = bits("11 000111 0000000000001001");
  const auto descriptor = DependencyDescriptor::parse(data, known.get());
  std::vector<std::uint8_t> buffer(3);
  EXPECT_TRUE(descriptor->write_active(data, 1, buffer).empty());
}

TEST(DependencyDescriptor, EveryCutIsSafe) {
  const auto whole = bits(kMandatory + "10000" + structure("1 0000000100111111 0000000010110011"));
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(DependencyDescriptor::parse(
        std::vector(whole.begin(), whole.begin() + static_cast<long>(size)), nullptr));
  }
}

}  // namespace
