// From what pages say in the shapes of mediasoup-client to what the engine is set up with.
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "http/api_error.hpp"
#include "rtc/dtls/dtls_fingerprint.hpp"
#include "rtc/dtls/dtls_identity.hpp"
#include "rtc/dtls/dtls_transport.hpp"
#include "rtc/forward/producer.hpp"
#include "rtc/ice/ice_candidate.hpp"
#include "rtc/ice/ice_lite.hpp"
#include "rtc/ortc/types.hpp"

namespace server::sfu {

namespace json = boost::json;

// What every room offers: Opus; VP8, VP9, H264 and AV1; and Opus with redundancy.
const rtc::ortc::RtpCapabilities& router_capabilities();

// `{id, iceParameters, iceCandidates, dtlsParameters}`.
json::object describe_transport(const std::string& id, const rtc::IceCredentials& credentials,
                                const std::vector<rtc::IceCandidate>& candidates,
                                const rtc::DtlsIdentity& identity);
json::object describe_ice(const rtc::IceCredentials& credentials);

// The page's side of DTLS: our role, and its fingerprint (the strongest that we know).
struct RemoteDtls {
  rtc::DtlsRole role = rtc::DtlsRole::Server;  // ours
  rtc::DtlsFingerprint fingerprint;
};
http::Result<RemoteDtls> read_dtls_parameters(const json::value& value);

// A producer as it was agreed on.
struct NegotiatedProducer {
  rtc::ortc::MediaKind kind = rtc::ortc::MediaKind::Audio;
  rtc::ortc::RtpParameters consumable;
  rtc::Producer::Options options;
};
http::Result<NegotiatedProducer> negotiate_producer(std::string_view kind,
                                                    const json::value& rtp_parameters,
                                                    Random& random);

// The same on another worker, by a pipe: under the SSRCs that the consumable parameters name.
rtc::Producer::Options piped(const NegotiatedProducer& producer);

// A consumer as it was agreed on; `parameters` go to the page.
struct NegotiatedConsumer {
  rtc::ortc::RtpParameters parameters;
  rtc::Consumer::Options options;
};
http::Result<NegotiatedConsumer> negotiate_consumer(const NegotiatedProducer& producer,
                                                    const rtc::ortc::RtpCapabilities& receiver,
                                                    const std::string& mid, Random& random);

http::Result<rtc::ortc::RtpCapabilities> read_capabilities(const json::value& value);

// "simple", "simulcast" or "svc": how a consumer of it may choose.
std::string_view type_of(const NegotiatedProducer& producer);

}  // namespace server::sfu
