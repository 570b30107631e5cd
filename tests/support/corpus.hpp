#pragma once
// Conformance rows: JSON lines of tests/corpus/, and of ../shared where that is present.
#include "cuts.hpp"

#include <nlohmann/json.hpp>

#include <optional>

namespace corpus {

using Rows = std::vector<nlohmann::json>;

// The rows of tests/corpus/<file>; ends the test when it cannot be read.
Rows rows(const char* file);
// The bytes of tests/corpus/<file>; ends the test when it cannot be read.
std::string file_bytes(const std::string& file);

// The same below ../shared (or the directory in OPENAI_STREAM_SHARED), data that is not part of this project. When it
// is not there: nothing, "SKIPPED: ../shared/<relative> is not there" is printed, and the skip is counted.
std::optional<Rows> shared_rows(const char* relative);
std::optional<std::string> shared_bytes(const std::string& relative);
// Paths, relative to ../shared, of the files in a directory there whose names end so; sorted.
std::optional<std::vector<std::string>> shared_files(const char* directory, const char* suffix);

// What a row says under key: row["key_b64"], row["key_parts"] = [[b64, count], ...] or row["key"], a string.
std::string bytes(const nlohmann::json& row, const char* key);
bool has_bytes(const nlohmann::json& row, const char* key);

// A string value, or {"$parts": [[b64, count], ...]}.
std::string text(const nlohmann::json& value);

// A byte string of http.jsonl: code point U+00XX means byte XX.
std::string latin1(const nlohmann::json& value);

std::string base64(std::string_view text);

bool has_tag(const nlohmann::json& row, const char* tag);
inline bool is_large(const nlohmann::json& row) { return has_tag(row, "large"); }

}  // namespace corpus
