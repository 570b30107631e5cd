#pragma once
// The version of this header, by semantic versioning (semver.org). The inline namespace carries the major number.

#define OPENAI_STREAM_VERSION_MAJOR 0
#define OPENAI_STREAM_VERSION_MINOR 1
#define OPENAI_STREAM_VERSION_PATCH 0
