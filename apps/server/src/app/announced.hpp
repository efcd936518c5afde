// The addresses under which browsers are told to reach the media ports.
#pragma once

#include <string>
#include <vector>

#include "app/config.hpp"
#include "sfu/sfu_service.hpp"

namespace server::app {

// RTC_ANNOUNCED_IP with its host names resolved; empty when it is not set. Throws
// std::runtime_error for a name that resolves to nothing.
std::vector<IpAddress> announced_addresses(const Config& config);

// What keeps browsers from the media ports although every port could be had, in words for the
// operator; empty when nothing is known to.
std::vector<std::string> announced_mistakes(const Config& config,
                                            const std::vector<IpAddress>& announced);

sfu::SfuOptions sfu_options(const Config& config, std::vector<IpAddress> announced);

}  // namespace server::app
