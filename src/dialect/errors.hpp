#pragma once
// The shapes in which servers report errors, as one table; all of them become one Failure.
#include "targets.hpp"

OPENAI_STREAM_BEGIN

namespace dialect {

// {"message","type","param","code"}: OpenAI. A code may be a number (OpenRouter, llama.cpp, vLLM).
inline constexpr json::Row error_rows[] = {
    {"message", value_error_message, skipped, json::Take::pieces},
    {"type", value_error_type},
    {"code", value_error_code},
    {"param", value_error_param},
};

// A body, or the data of `event: error`: {"error":{...}}, {"error":"text"}, [{"error":{...}}] (Gemini), flat with or
// without "type":"error" (Responses), {"object":"error",...} (older vLLM), {"detail":"text"} (FastAPI), a bare scalar.
inline constexpr json::Row error_root_rows[] = {
    {"error", error_text, error, json::Take::pieces},
    {"message", error_text, skipped, json::Take::pieces},
    {"detail", error_text, skipped, json::Take::pieces},
    {"code", value_error_code},
    {"param", value_error_param},
    {"error_message", error_text, skipped, json::Take::pieces},
    {"error_type", value_error_type},
    {"type", value_error_type},
};

inline constexpr json::Row error_scalar{"", error_text};

}  // namespace dialect

OPENAI_STREAM_END
