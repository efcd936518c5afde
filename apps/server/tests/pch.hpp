// The precompiled header of the server's tests: what the server's own has, and the test library.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "../src/pch.hpp"
