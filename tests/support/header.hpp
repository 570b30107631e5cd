#pragma once
// The library under test: the one header that ships, or with -Dheader=modular the files it is made of.
#include "checked.hpp"

#if defined(OPENAI_STREAM_TEST_MODULAR)
#include "../../src/all.hpp"
#else
#include "../../openai_stream.hpp"
#endif

// Tests may name what is inside.
namespace openai_stream {
using namespace detail;
}
