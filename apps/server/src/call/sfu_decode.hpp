// The fields of the SFU's events, for decode().
#pragma once

#include "call/sfu_events.hpp"
#include "http/json.hpp"

namespace server::call {

JoinMedia read(http::FieldReader& in, JoinMedia*);
ConnectTransport read(http::FieldReader& in, ConnectTransport*);
RestartIce read(http::FieldReader& in, RestartIce*);
Produce read(http::FieldReader& in, Produce*);
PauseProducer read(http::FieldReader& in, PauseProducer*);
ResumeProducer read(http::FieldReader& in, ResumeProducer*);
CloseProducer read(http::FieldReader& in, CloseProducer*);
Consume read(http::FieldReader& in, Consume*);
PauseConsumer read(http::FieldReader& in, PauseConsumer*);
ResumeConsumer read(http::FieldReader& in, ResumeConsumer*);
CloseConsumer read(http::FieldReader& in, CloseConsumer*);
RequestKeyFrame read(http::FieldReader& in, RequestKeyFrame*);
PreferLayers read(http::FieldReader& in, PreferLayers*);
ReadMediaStats read(http::FieldReader& in, ReadMediaStats*);

}  // namespace server::call
