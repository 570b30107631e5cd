#pragma once
// What a fuzzed server says, and where a target gets its other choices from.
//
// The first bytes of an input are choices (which buffer, which cuts), the rest is a script: bytes, and three codes that
// make long and deep answers of short inputs.
//   0x01 n      the n-th word of words[]: pieces of HTTP, SSE and JSON as servers write them
//   0x02 c n    4 * (n + 1) times the byte c, so that an event outgrows a buffer
//   0x03 c      the byte c itself, whatever it is
//   0x04        where a script has several answers: the next one begins
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace fuzz {

struct Bytes {
    const char* data = nullptr;
    size_t size = 0;
};

// Reads choices from the front of an input; when it is used up they are 0.
class Input {
public:
    Input(const uint8_t* data, size_t size) : data_(data), size_(size) {}
    uint8_t byte() {
        if (at_ == size_) return 0;
        return data_[at_++];
    }
    bool empty() const { return at_ == size_; }
    const uint8_t* rest() const { return data_ + at_; }
    size_t rest_size() const { return size_ - at_; }
    // The next bytes, at most that many; they are taken.
    Bytes take(size_t count) {
        if (count > rest_size()) count = rest_size();
        const Bytes taken = {reinterpret_cast<const char*>(data_ + at_), count};
        at_ += count;
        return taken;
    }

private:
    const uint8_t* data_;
    size_t size_;
    size_t at_ = 0;
};

// The numbers are part of every input in corpus/: new words go to the end.
inline constexpr const char* words[] = {
    // 0: SSE
    "data: ", "\n\n", "data: [DONE]\n\n", "event: ", "id: ", ": ping\n\n", "\r\n", "data:", "event: error\n",
    "retry: 1\n",
    // 10: chat
    "data: {\"choices\":[{\"delta\":{\"content\":\"", "\"}}]}\n\n", "{\"id\":\"c\",\"model\":\"m\",\"choices\":[",
    "{\"index\":0,\"delta\":{", "\"content\":\"", "\"reasoning_content\":\"", "\"refusal\":\"",
    "\"role\":\"assistant\"",
    "\"tool_calls\":[", "{\"index\":0,\"id\":\"a\",\"type\":\"function\",\"function\":{", "\"name\":\"f\"",
    "\"arguments\":\"", "\"finish_reason\":\"stop\"", "\"finish_reason\":\"tool_calls\"", "\"message\":{",
    "\"text\":\"",
    "\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":2,\"total_tokens\":3}", "\"index\":", "\"id\":\"",
    "\"type\":\"",
    // 30
    "\"object\":\"chat.completion.chunk\"", "\"created\":1", "\"delta\":", "\"choices\":[", "\"model\":\"",
    "\"function\":{",
    "\"error\":{\"message\":\"", "\"code\":\"", "\"param\":\"", "\"message\":\"", "\"detail\":", "\"error\":\"",
    "\"x_groq\":{", "\"reasoning_details\":[", "\"prompt_tokens_details\":{\"cached_tokens\":", "\"reasoning\":\"",
    // 46: JSON
    "null", "true", "false", "{", "}", "[", "]", "\",", "\":", "{\"", "}}]}", "\\ud83d\\ude00", "\\ud83d", "\\ude00",
    "\\u0041", "\\n", "\\\"", "\\\\", "\xC3\xA9", "\xE2\x82\xAC", "\xF0\x9F\x98\x80", "1e9", "-1", "0.5",
    "9223372036854775807", "[[[[[[[[", "{\"a\":",
    // 73: Responses
    "event: response.created\n", "event: response.output_item.added\n", "event: response.output_item.done\n",
    "event: response.output_text.delta\n", "event: response.output_text.done\n", "event: response.content_part.done\n",
    "event: response.function_call_arguments.delta\n", "event: response.function_call_arguments.done\n",
    "event: response.completed\n", "event: response.incomplete\n", "event: response.failed\n",
    // 84
    "\"type\":\"response.created\"", "\"type\":\"response.output_item.added\"",
    "\"type\":\"response.output_item.done\"",
    "\"type\":\"response.output_text.delta\"", "\"type\":\"response.output_text.done\"",
    "\"type\":\"response.content_part.added\"", "\"type\":\"response.content_part.done\"",
    "\"type\":\"response.function_call_arguments.delta\"", "\"type\":\"response.function_call_arguments.done\"",
    "\"type\":\"response.completed\"", "\"type\":\"response.failed\"", "\"type\":\"error\"",
    "\"type\":\"response.reasoning_summary_text.delta\"", "\"type\":\"response.refusal.delta\"",
    // 98
    "\"response\":{", "\"output\":[", "\"item\":{", "\"part\":{", "\"content\":[", "\"summary\":[", "\"delta\":\"",
    "\"item_id\":\"m\"", "\"item_id\":\"n\"", "\"output_index\":0", "\"output_index\":1", "\"content_index\":0",
    "\"sequence_number\":1", "\"call_id\":\"k\"", "\"id\":\"m\"", "\"id\":\"n\"", "\"type\":\"message\"",
    "\"type\":\"function_call\"", "\"type\":\"output_text\"", "\"type\":\"reasoning\"", "\"status\":\"completed\"",
    "\"incomplete_details\":{\"reason\":\"", "\"type\":\"mcp_call\"", "\"arguments\":\"{}\"",
    // 122: HTTP
    "HTTP/1.1 200 OK\r\n", "HTTP/1.1 429 Too Many\r\n", "HTTP/1.0 200 OK\n", "HTTP/1.1 100 Continue\r\n\r\n",
    "Content-Length: ", "Transfer-Encoding: chunked\r\n", "Content-Type: text/event-stream\r\n",
    "Content-Type: application/json\r\n", "Content-Encoding: gzip\r\n", "Retry-After: 1\r\n", "x-request-id: r\r\n",
    "Location: /v1\r\n", "Connection: close\r\n", "0\r\n\r\n", "10\r\n", ";a=\"b\"\r\n", "\r\n\r\n", "<html><title>",
    // 140: what few ask for
    "\"logprobs\":{\"content\":[{\"token\":\"", "\"logprob\":-0.5", "\"top_logprobs\":[", "\"audio\":{", "\"data\":\"",
    "\"transcript\":\"", "\"annotations\":[", "\"url_citation\":{\"url\":\"", "\"content_filter_results\":{",
    "\"hate\":{\"filtered\":true,\"severity\":\"", "\"prompt_filter_results\":[", "\"function_call\":{", "\"custom\":{",
    "\"input\":\"", "\"timings\":{", "\"expires_at\":",
    // 156: recordings
    "openai_stream recording 1 dial hang_up wait wake now_ms secure\n", "0 dial 80 h.example ready\n",
    "0 push 99999 bytes 9999\n", "0 pull 999 bytes 16\n", " would_block\n", " closed\n", " ready\n", "1 hang_up\n",
    "5 wait 1 100", "9 pull 512", " failed -5\n", " unresolved 2\n", " bytes 19\nHTTP/1.1 200 OK\r\n\r\n\n",
    // 169: other APIs
    "data: {\"type\":\"", "\"b64_json\":\"", "\"partial_image_index\":", "\"image_generation.partial_image\"",
    "\"image_generation.completed\"", "\"speech.audio.delta\",\"audio\":\"", "\"speech.audio.done\"",
    "\"transcript.text.delta\"", "\"transcript.text.segment\"", "\"transcript.text.done\"", "\"speaker\":\"",
    "\"start\":0.5", "\"end\":1.5",
    // 182
    "event: thread.run.created\n", "event: thread.message.delta\n", "event: thread.run.step.delta\n",
    "event: thread.message.completed\n", "event: thread.run.completed\n", "event: thread.run.requires_action\n",
    "event: thread.run.failed\n", "event: done\n", "\"step_details\":{", "\"required_action\":{",
    "\"submit_tool_outputs\":{", "\"text\":{\"value\":\"", "\"last_error\":{",
    // 195
    "\"agent.session.created\"", "\"agent.session.turn.created\"", "\"agent.session.turn.output_text.delta\"",
    "\"agent.session.turn.output_text.done\"", "\"agent.session.turn.item.done\"", "\"agent.session.idle\"",
    "\"agent.session.turn.failed\"", "\"session\":{", "\"turn\":{", "\"object\":\"list\",\"data\":[",
    // 205
    "\"own.begin\"", "\"own.word\"", "\"own.end\"", "\"own.broken\"", "\"thinking\":\"",
    "\"input_tokens\":", "\"output_tokens\":", "\"encrypted_content\":\"", "\"note\":", "\"phase\":\"",
};
inline constexpr size_t word_count = sizeof words / sizeof *words;

// Where the answers of a script end.
struct Ends {
    static constexpr size_t max_count = 8;
    size_t at[max_count] = {};
    size_t count = 0;
};

// The script as the bytes it means, at most `room`, into memory of the caller. How many.
inline size_t expand(Input& input, char* into, size_t room, Ends* ends = nullptr) {
    size_t size = 0;
    while (!input.empty() && size != room) {
        const uint8_t code = input.byte();
        if (code == 4 && ends) {
            if (ends->count != Ends::max_count - 1) ends->at[ends->count++] = size;
            continue;
        }
        if (code == 1) {
            const char* const word = words[input.byte() % word_count];
            size_t count = strlen(word);
            if (count > room - size) count = room - size;
            memcpy(into + size, word, count);
            size += count;
        } else if (code == 2) {
            const uint8_t c = input.byte();
            size_t count = (input.byte() + size_t{1}) * 4;
            if (count > room - size) count = room - size;
            memset(into + size, c, count);
            size += count;
        } else {
            into[size++] = static_cast<char>(code == 3 ? input.byte() : code);
        }
    }
    if (ends) ends->at[ends->count++] = size;
    return size;
}

// In which pieces bytes arrive, the same for the same choice: 0 as many as fit, 1 one by one, else some each time.
class Cuts {
public:
    explicit Cuts(uint8_t choice) : choice_(choice), state_(choice * 2654435761u + 1) {}
    size_t next() {
        if (choice_ < 2) return choice_ == 0 ? SIZE_MAX : 1;
        state_ = state_ * 1664525u + 1013904223u;
        const uint32_t random = state_ >> 16;
        return random % 8 == 0 ? 1 + random % 400 : 1 + random % (2 + choice_ % 64);
    }

private:
    uint8_t choice_;
    uint32_t state_;
};

}  // namespace fuzz
