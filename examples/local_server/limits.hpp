// What one client may take of this server, in one place so that it can be judged as a whole: every byte from the
// network is hostile, and each of these bounds the memory or the time of one client.
#pragma once

#include <chrono>
#include <cstddef>

namespace local_server {

using Clock = std::chrono::steady_clock;

constexpr size_t max_head_bytes = 16 * 1024;
constexpr size_t max_body_bytes = 8 * 1024 * 1024;
constexpr size_t max_json_depth = 64;
constexpr size_t max_json_values = 100'000;    // a value takes 50 times the memory of its shortest text
constexpr size_t max_model_bytes = 256;        // every event repeats the model's name
constexpr size_t max_message_bytes = 4096;     // of a message, for the rules that answer it
constexpr size_t max_word_bytes = 40;          // of a user's word that an answer repeats
constexpr size_t max_stored = 64;              // responses, threads, sessions; the oldest goes first
constexpr size_t max_stored_messages = 200;    // of a conversation
constexpr size_t max_tools = 128;              // that a request offers
constexpr size_t max_tool_results = 8;         // that an answer repeats, and
constexpr size_t max_tool_result_bytes = 1024; // of one of them
constexpr size_t max_structured_bytes = 16 * 1024;  // of an answer that obeys a schema, before its last member
constexpr size_t max_form_parts = 100;
constexpr size_t max_prompts = 20;             // of a legacy completion, each with an answer of its own
constexpr size_t max_name_bytes = 64;          // of a function, a parameter, a role

constexpr std::chrono::seconds request_time{120};  // for a request to arrive, including the wait for its first byte
constexpr std::chrono::seconds write_time{30};     // for a client to accept the next bytes
constexpr std::chrono::seconds close_time{2};      // for a client to close its side

}  // namespace local_server
