#pragma once
// A chat in one object, for programs that have an operating system and the standard library: a connection, memory, what
// was said so far, tools as functions, and one text that says what went wrong.
#include "../io/collector_echo.hpp"
#include "../io/retry_policy.hpp"
#include "../io/stream.hpp"
#include "../io/timeouts.hpp"
#include "client_history.hpp"
#include "client_tools.hpp"
#include "socket.hpp"
#include "tls_socket.hpp"

#if defined(OPENAI_STREAM_CLIENT)
#include <stdlib.h>
#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

OPENAI_STREAM_BEGIN

// Units of one program that were built with and without TLS keep a Client each.
#if defined(OPENAI_STREAM_MBEDTLS)
inline namespace client_with_tls {
#else
inline namespace client_without_tls {
#endif

//     oai::Client chat;
//     if (!chat.ask("Why is the sky blue?", [](std::string_view piece) { std::cout << piece; }))
//         std::cerr << chat.error();
//
// Every state is safe to ask, to poll, to close and to destroy. Neither copied nor moved.
// Waits: ask() for the answer; start() as long as the system looks a name up; poll() never, but for your functions.
// Memory: from the heap; at most max_history_bytes and max_answer_bytes, and as many again while a request goes out.
// Threads: one at a time, but for cancel().
// Your functions are called from inside ask() and poll(). There close() and cancel() may be called, tool() too; ask(),
// start() and poll() refuse. What they throw passes through, and the question has failed.
class Client {
public:
    using OnPiece = std::function<void(std::string_view piece)>;

    // ---- settings, read when a question is asked; what they point to lives until its answer has ended ---------------

    static constexpr const char* default_base_url = "https://api.openai.com/v1";
    std::string base_url = setting("OPENAI_BASE_URL", default_base_url);
    std::string key = setting("OPENAI_API_KEY", "");
    std::string model = setting("OPENAI_MODEL", "gpt-4o-mini");
    std::string instructions;  // the system's message, before all others; empty: none
    ChatOptions options;       // temperature, response_format ...
    std::string extra_json;    // further members of the request, as in ChatRequest
    std::string ca_path = setting("SSL_CERT_FILE", "");  // as in TlsSettings
    size_t max_history_bytes = 64 * 1024;  // of texts, calls and results; the oldest turns go when there are more
    size_t max_answer_bytes = 256 * 1024;  // of one answer, with its reasoning and its calls
    unsigned max_tool_turns = 10;          // answers in a row that call tools
    Echo echo = Echo{};                    // what DeepSeek and Gemini want back; none
    Timeouts timeouts;
    RetryPolicy retries;
    std::function<void(const Event& event)> on_event;  // hears all of an answer: reasoning, tool calls, usage ...

    Client() = default;
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    // A function that the model may call; one of the same name is replaced. The description says when to, the schema
    // (JSON Schema) with what. What the function returns the model reads: JSON or words, also of what went wrong.
    void tool(std::string_view name, std::string_view description, std::string_view schema,
              std::function<std::string(const ToolArguments& arguments)> function) {
        tools_.set(name, description, schema, std::move(function));
    }

    // Asks, runs the tools that are called, and asks on until there is an answer. Each piece of text is given to the
    // function as it comes. Returns false if it failed: error() says why, answer() has what came, and nothing of the
    // question stays in the conversation.
    bool ask(std::string_view question, OnPiece on_piece = {}) {
        if (!start(question, std::move(on_piece))) return false;
        while (advance(true) == Poll::pending) {}
        return error_.empty();
    }

    // The same in steps: poll() until it no longer says `pending`. A question that is under way is given up. Returns
    // false if it has failed already.
    bool start(std::string_view question, OnPiece on_piece = {}) {
        if (is_inside_) return fail_inside();
        if (state_ == Poll::pending) close();
        error_.clear();
        answer_.clear();
        tool_turns_ = 0;
        is_closed_ = false;
        is_cancelled_ = false;
        mark_ = history_.size();
        if (!read_settings()) return false;
        on_piece_ = std::move(on_piece);
        history_.add(Role::user, question);
        state_ = Poll::pending;
        return begin_turn();
    }

    // Never waits; delivers what is there, at most max_events_per_poll, and runs at most one answer's tools. done and
    // failed stay; before the first question it is failed.
    Poll (poll)() { return advance(false); }
    static constexpr int max_events_per_poll = 32;

    // What the last question was answered with so far. Valid until the next one.
    const std::string& answer() const noexcept { return answer_; }
    // Why it failed, in sentences; empty if it did not. Never the key.
    const std::string& error() const noexcept { return error_; }
    // More about that: failure(), verdict(), quirks(), wants() ...
    const Stream& stream() const noexcept { return stream_; }

    // Ends the question that is under way, if there is one, and the connection. Idempotent, legal in every state.
    void close() {
        is_closed_ = true;
        stream_.close();
        if (!is_inside_ && state_ == Poll::pending) fail_with_stream();
    }
    // Makes the question that is under way fail. From any thread or signal handler, as long as the Client exists.
    void cancel() noexcept {
        is_cancelled_ = true;
        if (Stream* const stream = cancellable_) stream->cancel();
    }

    // Something to be taken as said, and all of it forgotten. Not while a question is under way.
    void remember(Role role, std::string_view text) {
        if (state_ != Poll::pending) history_.add(role, text);
    }
    void forget() {
        if (state_ != Poll::pending) history_.cut(0);
    }
    size_t history_bytes() const { return history_.bytes(); }

private:
    static constexpr size_t buffer_bytes = 16 * 1024;

    static std::string setting(const char* name, const char* otherwise) {
        const char* const value = ::getenv(name);
        return value && *value ? value : otherwise;
    }

    // While one of the program's functions may run. Left by an exception, the question has failed.
    struct Inside {
        explicit Inside(Client& client) : client_(client) { client_.is_inside_ = true; }
        Inside(const Inside&) = delete;
        Inside& operator=(const Inside&) = delete;
        ~Inside() {
            client_.is_inside_ = false;
            if (!has_returned) client_.fail("A function that the client called has thrown an exception.");
        }
        bool has_returned = false;

    private:
        Client& client_;
    };

    // The settings are copied: they may be changed while an answer comes.
    bool read_settings() {
        const std::string mistake = tools_.mistake();
        if (!mistake.empty()) return fail(mistake);
        if (key.empty() && base_url == default_base_url)
            return fail("OPENAI_API_KEY is not set, and OpenAI wants a key. For another server set OPENAI_BASE_URL.");
        if (!link_ || url_ != base_url || key_ != key || ca_path_ != ca_path) connect();
        if (server_.tls && !transport_.secure && !has_tls)
            return fail(url_ + " needs TLS: build with OPENAI_STREAM_MBEDTLS defined and link mbedTLS (-lmbedtls "
                               "-lmbedx509 -lmbedcrypto), or set OPENAI_BASE_URL to a server that does without it, "
                               "such as http://127.0.0.1:8080/v1.");
        if (memory_bytes_ != max_answer_bytes || !memory_) {
            cancellable_ = nullptr;
            stream_ = Stream();
            memory_bytes_ = max_answer_bytes;
            memory_.reset(new char[buffer_bytes + memory_bytes_]);
            stream_ = Stream(transport_, Buffer(memory_.get(), buffer_bytes), timeouts);
            stream_.use(retries);
        }
        model_ = model;
        instructions_ = instructions;
        options_ = options;
        extra_json_ = extra_json;
        return true;
    }
    void connect() {
        cancellable_ = nullptr;
        stream_ = Stream();
        memory_.reset();
        link_.reset();
        url_ = base_url;
        key_ = key;
        ca_path_ = ca_path;
        server_ = Endpoint(url_, key_);
#if defined(OPENAI_STREAM_MBEDTLS)
        if (server_.tls) {
            TlsSettings settings;
            if (!ca_path_.empty()) settings.ca_path = ca_path_;
            return keep(std::make_shared<TlsSocket>(settings));
        }
#endif
        keep(std::make_shared<Socket>());
    }
    template <class Link> void keep(std::shared_ptr<Link> link) {
        transport_ = transport_of(*link);
        link_ = std::move(link);
    }

    bool begin_turn() {
        mark_ -= history_.forget_until(max_history_bytes);
        if (history_.bytes() > max_history_bytes)
            return fail("The question, with what tools said to it, is larger than max_history_bytes.");
        request_ = ChatRequest(model_, history_.messages(instructions_));
        request_.tools = tools_.list();
        request_.options = &options_;
        if (!extra_json_.empty()) request_.extra_json = extra_json_;
        const auto echoes = static_cast<unsigned>(echo) & static_cast<unsigned>(Echo::extra_content);
        request_.extras = echoes != 0 ? &extras_ : nullptr;
        message_ = Collector(Buffer(memory_.get() + buffer_bytes, memory_bytes_));
        const Error error = stream_.open(server_, request_);
        cancellable_ = &stream_;
        if (is_cancelled_) stream_.cancel();
        return error == Error::none || fail_with_stream();
    }

    Poll advance(bool waits) {
        if (is_inside_) return fail_inside() ? Poll::done : Poll::failed;
        if (state_ != Poll::pending) return state_;
        Inside inside(*this);
        Event event;
        for (int left = max_events_per_poll; left != 0 && state_ == Poll::pending; --left) {
            const Poll said = !waits ? (stream_.poll)(event) : stream_.next(event) ? Poll::event : Poll::done;
            if (said == Poll::pending) break;
            if (said == Poll::event) {
                take(event);
            } else {
                end_turn();
                break;
            }
        }
        inside.has_returned = true;
        return state_;
    }
    void take(const Event& event) {
        if (message_.add_with_extra_content(event) != Error::none) {
            stream_.close();
            return static_cast<void>(fail("The answer is larger than max_answer_bytes, or has more parts than can be "
                                          "collected."));
        }
        if (on_event) on_event(event);
        if (event.kind != EventKind::text && event.kind != EventKind::refusal) return;
        answer_.append(event.text.data(), event.text.size());
        if (on_piece_) on_piece_(event.text);
    }

    // An answer has ended: is it one, or does it call tools?
    void end_turn() {
        message_.end(stream_.verdict());
        if (stream_.error() != Error::none) return static_cast<void>(fail_with_stream());
        if (message_.error() != Error::none) return static_cast<void>(fail(describe(message_.error())));
        history_.add(message_.as_message_with(echo));
        if (message_.tool_calls().empty()) return finish(Poll::done);
        if (++tool_turns_ > max_tool_turns)
            return static_cast<void>(fail("The model has called tools in " + std::to_string(tool_turns_) +
                                          " answers in a row; max_tool_turns is " + std::to_string(max_tool_turns) +
                                          "."));
        bool has_results = false;
        for (const MessagePart& call : message_.tool_calls()) {
            if (call.type == StringView("mcp", 3)) continue;  // the server's own
            has_results = true;
            history_.add(Role::tool, result_of(call), call.id);
            if (is_closed_ || is_cancelled_) return static_cast<void>(fail("It was ended while a tool ran."));
        }
        if (has_results) begin_turn();
        else finish(Poll::done);
    }
    // A call that cannot be run is told so, and the model may try again.
    std::string result_of(const MessagePart& call) const {
        const auto tool = tools_.find(call.name);
        if (!tool) return "error: there is no tool of this name";
        if (!call.can_run()) return "error: the call is not complete, or its arguments are not a JSON object";
        return tool->function(ToolArguments(call.text));
    }

    void finish(Poll state) {
        if (state == Poll::done) error_.clear();  // that of a call from inside
        state_ = state;
        on_piece_ = {};
    }
    bool fail(std::string why) {
        error_ = std::move(why);
        history_.cut(mark_);
        stream_.close();
        finish(Poll::failed);
        return false;
    }
    bool fail_with_stream() {
        char why[600];
        return fail(stream_.explain(why));
    }
    bool fail_inside() {
        error_ = "The client was asked from inside one of the functions that it calls.";
        return false;
    }

#if defined(OPENAI_STREAM_MBEDTLS)
    static constexpr bool has_tls = true;
#else
    static constexpr bool has_tls = false;
#endif

    std::string url_, key_, ca_path_, model_, instructions_, extra_json_, answer_, error_{"Nothing was asked yet."};
    ChatOptions options_;
    detail::client::History history_;
    detail::client::Tools tools_;
    size_t mark_ = 0;  // where the question stands in the history
    unsigned tool_turns_ = 0;
    Poll state_ = Poll::failed;
    bool is_inside_ = false, is_closed_ = false;
    std::atomic<bool> is_cancelled_{false};
    std::atomic<Stream*> cancellable_{nullptr};
    OnPiece on_piece_;
    ExtraEvents extras_{extra_content_fields};
    ChatRequest request_;
    Endpoint server_;
    size_t memory_bytes_ = 0;
    std::unique_ptr<char[]> memory_;  // the Stream's, then the Collector's
    Collector message_;
    std::shared_ptr<void> link_;      // a Socket or a TlsSocket
    Transport transport_;
    Stream stream_;                   // the last: it ends before what it uses
};

}  // inline namespace client_with_tls, or client_without_tls

OPENAI_STREAM_END
#endif
