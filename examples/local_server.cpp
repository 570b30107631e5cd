// Build: c++ -std=c++17 -O2 -pthread local_server.cpp -o local_server
// Run: ./local_server [--port N] [--pace TOKENS_PER_SECOND] [--key K] [--connections N] [--once] [--help]
//
// An OpenAI-compatible server to try a client against: no model, no account, no dependency. It speaks Chat Completions
// and Responses. The answers are those of Lumen, a lighthouse keeper's assistant made of rules, and leave word by word
// at a human pace. Who offers tools gets two calls, and an answer when their results have come.
//   --port N   the port on 127.0.0.1; 0 (the default) takes a free one, and the line on standard output names it
//   --pace T   tokens per second, 30 by default; 0 = as fast as the client reads
//   --key K    below /v1, ask for "Authorization: Bearer K"
//   --connections N   so many at a time, 64 by default, each on a thread of its own; others wait
//   --once     exit after the first answered request
//   --help     say this, and which faults there are
// It also misbehaves on request: a client asks for a fault in place of the model ("fault:cut"), or in the path of its
// base URL (http://127.0.0.1:8080/fault:cut/v1). Several are joined by '+': "fault:reasoning+crlf+slow=5".
// Needs POSIX sockets. Ends with 0 on SIGTERM and, unless started with that ignored, on SIGINT.

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <deque>
#include <exception>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;
using std::chrono::seconds;

// Every byte from the network is hostile: each limit bounds the memory or the time that one client can take.
constexpr size_t max_head_bytes = 16 * 1024;
constexpr size_t max_body_bytes = 8 * 1024 * 1024;
constexpr size_t max_json_depth = 64;
constexpr size_t max_json_values = 100'000;  // a value takes 50 times the memory of its shortest text
constexpr size_t max_model_bytes = 256;      // every event repeats the model's name
constexpr size_t max_heard_bytes = 4096;     // of a message that Lumen listens to
constexpr size_t max_word_bytes = 40;        // of a word that Lumen repeats
constexpr size_t max_responses = 64;         // that can be asked for again
constexpr size_t max_turns = 200;            // of a conversation that is kept
constexpr size_t max_results = 8;            // of tools, and
constexpr size_t max_result_bytes = 1024;    // of one of them
constexpr size_t max_name_bytes = 64;        // of a function, a parameter, a role
constexpr seconds request_time{120};  // for a request to arrive, including the wait for its first byte
constexpr seconds write_time{30};     // for a client to take the next bytes
constexpr seconds farewell_time{2};   // for a client to close its side

// Thrown when nothing more can be said: the client left or took too long, or the server is stopping.
struct Gone {};

// Thrown to tell the client what is wrong, in OpenAI's shape.
struct ApiError {
    int status;
    std::string message;
    std::string code;
    std::string param = {};
    std::string header = {};  // one more header line with its CRLF, or nothing
    bool close = false;       // where the next request would begin is unknown
};

ApiError bad_http(int status, const char* message) { return {status, message, "bad_http", "", "", true}; }

ApiError bad_param(const std::string& param, const std::string& complaint) {
    return {400, '\'' + param + "' " + complaint + '.', "invalid_value", param};
}

ApiError missing_param(const std::string& param) {
    return {400, "Missing required parameter: '" + param + "'.", "missing_required_parameter", param};
}

// The words behind a status, where there is something to say; clients do not read them (RFC 9112 section 4).
const std::map<int, const char*> reasons = {
    {200, "OK"}, {400, "Bad Request"}, {401, "Unauthorized"}, {404, "Not Found"}, {429, "Too Many Requests"},
    {500, "Internal Server Error"}, {502, "Bad Gateway"}, {503, "Service Unavailable"},
};

// ---- text ----------------------------------------------------------------------------------------------------------

bool is_ascii(char c) { return (c & 0x80) == 0; }

bool is_control(char c) { return (c & 0xE0) == 0 || c == '\x7F'; }

bool is_digit(char c) { return c >= '0' && c <= '9'; }

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

std::string lower(std::string text) {
    for (char& c : text) c = lower(c);
    return text;
}

// The part of a text before the first of some characters, or all of it.
std::string before(const std::string& text, const char* ends) { return text.substr(0, text.find_first_of(ends)); }

// The value of a hexadecimal digit, 16 for anything else.
unsigned hex_value(char c) {
    constexpr std::string_view digits = "0123456789abcdef";
    return static_cast<unsigned>(std::min(digits.find(lower(c)), digits.size()));
}

struct CodePoint {
    char32_t value;
    size_t size;  // in bytes; 0 = not UTF-8
};

// The first code point of a text that is not empty (RFC 3629: nothing overlong, no surrogates, at most U+10FFFF).
CodePoint decode_utf8(std::string_view text) {
    const auto byte = [text](size_t at) -> char32_t { return at < text.size() ? text[at] & 0xFF : 0; };
    if (byte(0) < 0x80) return {byte(0), 1};
    if (byte(0) < 0xC2 || byte(0) > 0xF4) return {0, 0};
    const size_t size = byte(0) >= 0xF0 ? 4 : byte(0) >= 0xE0 ? 3 : 2;
    char32_t value = byte(0) & (0x7Fu >> size);
    for (size_t at = 1; at < size; ++at) {
        if ((byte(at) & 0xC0) != 0x80) return {0, 0};
        value = value << 6 | (byte(at) & 0x3F);
    }
    const bool overlong = value < (size == 4 ? 0x10000u : size == 3 ? 0x800u : 0x80u);
    if (overlong || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF)) return {0, 0};
    return {value, size};
}

void append_utf8(std::string& out, char32_t value) {
    constexpr char32_t leads[] = {0, 0xC0, 0xE0, 0xF0};
    int tails = value < 0x80 ? 0 : value < 0x800 ? 1 : value < 0x10000 ? 2 : 3;
    out += static_cast<char>(leads[tails] | value >> (6 * tails));
    while (tails-- > 0) out += static_cast<char>(0x80 | (value >> (6 * tails) & 0x3F));
}

// ---- JSON (RFC 8259) -----------------------------------------------------------------------------------------------

struct Json {
    enum class Kind { null, boolean, number, string, array, object };

    Kind kind = Kind::null;
    bool truth = false;
    std::string text;               // the characters of a string, the digits of a number
    std::vector<std::string> keys;  // of an object: keys[i] names items[i]
    std::vector<Json> items;

    // The member of that name, the last one if it is repeated; null when there is none.
    const Json& operator[](std::string_view key) const {
        static const Json none;
        for (size_t at = keys.size(); at > 0; --at)
            if (keys[at - 1] == key) return items[at - 1];
        return none;
    }
};

// Reads one whole text, or throws an ApiError that names the byte at which it stops being JSON.
class JsonReader {
public:
    static Json read(std::string_view text) {
        JsonReader reader(text);
        Json root = reader.value(0);
        reader.expect(reader.at_ == text.size(), "the end");
        return root;
    }

private:
    explicit JsonReader(std::string_view text) : text_(text) {}

    void expect(bool met, const char* expected) const {
        if (met) return;
        const std::string place = std::string(expected) + " at byte " + std::to_string(at_);
        throw ApiError{400, "The body is not valid JSON: expected " + place + '.', "invalid_json"};
    }

    char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }

    bool take(std::string_view wanted) {
        if (text_.substr(at_, wanted.size()) != wanted) return false;
        at_ += wanted.size();
        return true;
    }

    void skip_space() { at_ = std::min(text_.find_first_not_of(" \t\r\n", at_), text_.size()); }

    // A value and the white space around it.
    Json value(size_t depth) {
        expect(depth < max_json_depth, "less nesting");
        expect(++values_ <= max_json_values, "fewer values");
        Json result;
        skip_space();
        if (take("{")) {
            result.kind = Json::Kind::object;
            read_items(result, depth, "}");
        } else if (take("[")) {
            result.kind = Json::Kind::array;
            read_items(result, depth, "]");
        } else if (take("\"")) {
            result.kind = Json::Kind::string;
            result.text = rest_of_string();
        } else if (peek() == '-' || is_digit(peek())) {
            result.kind = Json::Kind::number;
            result.text = number();
        } else if ((result.truth = take("true")) || take("false")) {
            result.kind = Json::Kind::boolean;
        } else {
            expect(take("null"), "a value");
        }
        skip_space();
        return result;
    }

    void read_items(Json& parent, size_t depth, const char* close) {
        skip_space();
        if (take(close)) return;
        do {
            if (parent.kind == Json::Kind::object) {
                skip_space();
                expect(take("\""), "a member's name");
                parent.keys.push_back(rest_of_string());
                skip_space();
                expect(take(":"), "':'");
            }
            parent.items.push_back(value(depth + 1));
        } while (take(","));
        expect(take(close), "',' or the closing bracket");
    }

    // [ "-" ] ( "0" / digit1-9 *digit ) [ "." 1*digit ] [ ("e" / "E") [ "+" / "-" ] 1*digit ]
    std::string number() {
        const size_t start = at_;
        take("-");
        if (!take("0")) skip_digits();
        if (take(".")) skip_digits();
        if (take("e") || take("E")) {
            if (!take("+")) take("-");
            skip_digits();
        }
        return std::string(text_.substr(start, at_ - start));
    }

    void skip_digits() {
        expect(is_digit(peek()), "a digit");
        while (is_digit(peek())) ++at_;
    }

    std::string rest_of_string() {
        std::string result;
        while (!take("\"")) {
            expect(at_ < text_.size(), "'\"'");
            if (take("\\")) {
                append_utf8(result, escape());
                continue;
            }
            const CodePoint next = decode_utf8(text_.substr(at_));
            expect(next.size > 0 && next.value >= 0x20, "UTF-8 without control characters");
            result.append(text_, at_, next.size);
            at_ += next.size;
        }
        return result;
    }

    // What follows a backslash. Two surrogate halves are one code point, a lone half becomes U+FFFD.
    char32_t escape() {
        constexpr std::string_view letters = "\"\\/bfnrt", meanings = "\"\\/\b\f\n\r\t";
        if (take("u")) {
            const char32_t first = four_hex_digits();
            if (first < 0xD800 || first > 0xDFFF) return first;
            const size_t after_first = at_;
            const char32_t second = first < 0xDC00 && take("\\u") ? four_hex_digits() : 0;
            if (second >= 0xDC00 && second <= 0xDFFF) return 0x10000 + (first - 0xD800) * 0x400 + (second - 0xDC00);
            at_ = after_first;
            return 0xFFFD;
        }
        const size_t which = letters.find(peek());
        expect(which != letters.npos, "an escape");
        ++at_;
        return static_cast<char32_t>(meanings[which]);
    }

    char32_t four_hex_digits() {
        char32_t value = 0;
        for (const size_t end = at_ + 4; at_ < end; ++at_) {
            expect(hex_value(peek()) < 16, "four hexadecimal digits");
            value = value * 16 + hex_value(peek());
        }
        return value;
    }

    const std::string_view text_;
    size_t at_ = 0;
    size_t values_ = 0;
};

// Valid UTF-8 as a JSON string. Up to U+07FF it stays raw, above it becomes \uXXXX, so that a client meets both.
std::string quote(std::string_view text) {
    std::string out = "\"";
    const auto escape = [&out](char32_t unit) {
        char digits[8];
        snprintf(digits, sizeof digits, "\\u%04x", static_cast<unsigned>(unit & 0xFFFF));
        out += digits;
    };
    while (!text.empty()) {
        const CodePoint next = decode_utf8(text);
        if (next.value >= 0x10000) {
            escape(0xD800 + (next.value - 0x10000) / 0x400);
            escape(0xDC00 + (next.value - 0x10000) % 0x400);
        } else if (next.value >= 0x800 || next.value < 0x20) {
            escape(next.size > 0 ? next.value : 0xFFFD);
        } else {
            if (next.value == '"' || next.value == '\\') out += '\\';
            out += text.substr(0, next.size);
        }
        text.remove_prefix(std::max<size_t>(next.size, 1));
    }
    return out + '"';
}

std::string quote_or_null(std::string_view text) { return text.empty() ? "null" : quote(text); }

// ---- faults --------------------------------------------------------------------------------------------------------

struct Fault {
    const char* name;
    bool has_number;
    const char* meaning;
};

const Fault all_faults[] = {
    {"status", true, "HTTP status N with an error body; 429 and 503 with Retry-After: 2"},
    {"html", true, "an HTML page with status N, 200 if not given"},
    {"early", false, "status 413, and if asked for in the path, before the body is read"},
    {"silence", false, "no answer, for ever"},
    {"whole", false, "one JSON object, though a stream was asked for"},
    {"error-first", false, "an error as the first event"},
    {"error-midstream", false, "half of the answer, then an error event"},
    {"cut", false, "half of the answer, then the connection closes"},
    {"cut-chunk", false, "the same in the middle of a chunk"},
    {"cut-clean", false, "half of the answer, then the message ends as HTTP ends it"},
    {"cut-after", true, "N events, 5 if not given, then the connection closes; a response goes on by GET"},
    {"stall", false, "half of the answer, then nothing, for ever"},
    {"reset", false, "half of the answer, then a TCP reset"},
    {"no-done", false, "all of the answer, but no [DONE]"},
    {"tools", false, "two tool calls in place of text, though nobody offered a tool"},
    {"reasoning", false, "reasoning_content before the text"},
    {"usage", false, "token counts, though nobody asked"},
    {"comments", false, "a keep-alive comment before each event"},
    {"crlf", false, "lines end in CR LF"},
    {"bytes", false, "each byte in a chunk of its own"},
    {"slow", true, "one byte each N milliseconds, 50 if not given"},
};

std::string list_of_faults() {
    std::string list = "Faults, as the model \"fault:NAME\" or by http://127.0.0.1:PORT/fault:NAME/v1; "
                       "several: NAME+NAME\n";
    for (const Fault& fault : all_faults) {
        const std::string name = std::string(fault.name) + (fault.has_number ? "=N" : "");
        list += "  " + name + std::string(18 - name.size(), ' ') + fault.meaning + '\n';
    }
    return list;
}

// What a client has asked to suffer.
class Faults {
public:
    // "fault:" name [ "=" digits ] *( "+" name [ "=" digits ] ). Anything else asks for none.
    void add(const std::string& text) {
        if (text.compare(0, 6, "fault:") != 0) return;
        for (size_t start = 6, end; start <= text.size(); start = end + 1) {
            end = std::min(text.find('+', start), text.size());
            const std::string word = text.substr(start, end - start), name = before(word, "=");
            const std::string digits = name == word ? "" : word.substr(name.size() + 1);
            const bool is_known = std::any_of(std::begin(all_faults), std::end(all_faults), [&](const Fault& fault) {
                return name == fault.name && (fault.has_number || name == word);
            });
            if (!is_known || digits.size() > 4 || digits.find_first_not_of("0123456789") != digits.npos)
                throw bad_param("model", "asks for '" + word.substr(0, 40) + "', which is no fault; GET / lists them");
            numbers_[name] = digits.empty() ? -1 : std::stoi(digits);
        }
    }

    bool has(const char* name) const { return numbers_.count(name) != 0; }

    // The number that came with it, if one did.
    int number(const char* name, int otherwise) const { return numbers_.at(name) < 0 ? otherwise : numbers_.at(name); }

private:
    std::map<std::string, int> numbers_;
};

// ---- waiting and sockets -------------------------------------------------------------------------------------------

// Ends every wait in the process at once: a pipe that is written to and never read.
class Stop {
public:
    bool open() { return pipe(ends_) == 0 && fcntl(ends_[1], F_SETFL, O_NONBLOCK) == 0; }

    // Legal in a signal handler.
    void request() const {
        const int saved = errno;
        if (write(ends_[1], "", 1) < 0) errno = saved;  // a full pipe says it already
    }

    // True when the descriptor is ready (-1 never is), false at the deadline. Throws Gone when the server stops.
    bool wait(int descriptor, short events, Clock::time_point deadline) const {
        for (;;) {
            const milliseconds left = std::chrono::ceil<milliseconds>(deadline - Clock::now());
            if (left <= milliseconds(0)) return false;
            pollfd watched[2] = {{ends_[0], POLLIN, 0}, {descriptor, events, 0}};
            const int ready = poll(watched, 2, static_cast<int>(std::min<milliseconds>(left, seconds(60)).count()));
            if (watched[0].revents != 0 || (ready < 0 && errno != EINTR)) throw Gone{};
            if (ready > 0) return true;
        }
    }

    void sleep_until(Clock::time_point time) const { wait(-1, 0, time); }

private:
    int ends_[2] = {-1, -1};
};

Stop stop;

// One accepted connection.
class Socket {
public:
    explicit Socket(int descriptor) : descriptor_(descriptor) {
        const int on = 1;
        fcntl(descriptor, F_SETFL, O_NONBLOCK);
        setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    }
    ~Socket() { close(descriptor_); }
    Socket(const Socket&) = delete;
    Socket& operator=(const Socket&) = delete;

    // At least one byte, or Gone.
    size_t read(char* into, size_t room, Clock::time_point deadline) {
        for (;;) {
            if (!stop.wait(descriptor_, POLLIN, deadline)) throw Gone{};
            const ssize_t count = recv(descriptor_, into, room, 0);
            if (count > 0) return static_cast<size_t>(count);
            if (count == 0 || !try_again()) throw Gone{};
        }
    }

    // All bytes, or Gone.
    void write(std::string_view bytes) {
        while (!bytes.empty()) {
            const ssize_t count = send(descriptor_, bytes.data(), bytes.size(), 0);
            if (count >= 0) {
                bytes.remove_prefix(static_cast<size_t>(count));
            } else if (!try_again() || !stop.wait(descriptor_, POLLOUT, Clock::now() + write_time)) {
                throw Gone{};
            }
        }
    }

    // What the client says from now on is dropped, until it leaves.
    [[noreturn]] void ignore(Clock::time_point deadline) {
        for (char unread[4096];;) read(unread, sizeof unread, deadline);
    }

    // Ends our side and waits for the client's end: to close with bytes unread resets the connection, and the reset
    // may overtake the answer.
    [[noreturn]] void say_farewell() {
        shutdown(descriptor_, SHUT_WR);
        ignore(Clock::now() + farewell_time);
    }

    // Closes in a way the client's system reports as an error.
    [[noreturn]] void reset() {
        const linger at_once = {1, 0};
        setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
        throw Gone{};
    }

private:
    static bool try_again() { return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR; }

    const int descriptor_;
};

// ---- HTTP/1.1 (RFC 9112) -------------------------------------------------------------------------------------------

struct Request {
    std::string method;
    std::string path;                            // without the query
    std::string query;                           // without its '?'
    std::map<std::string, std::string> headers;  // by name in lower case; repeated ones are joined by ", "
    std::string body;

    bool has(const char* name) const { return headers.count(name) != 0; }
    std::string header(const char* name) const { return has(name) ? headers.at(name) : ""; }
    // The value of a member of the query, as it is; "" when there is none.
    std::string parameter(const std::string& name) const {
        for (size_t start = 0, end; start < query.size(); start = end + 1) {
            end = std::min(query.find('&', start), query.size());
            if (query.compare(start, name.size() + 1, name + '=') != 0) continue;
            return query.substr(start + name.size() + 1, end - start - name.size() - 1);
        }
        return "";
    }
    bool keep_alive() const { return lower(header("connection")).find("close") == std::string::npos; }
};

// Takes requests off a connection, one after the other. Strict: what is ambiguous is refused.
class RequestReader {
public:
    explicit RequestReader(Socket& socket) : socket_(socket) {}

    Request read() {
        deadline_ = Clock::now() + request_time;
        Request request;
        size_t budget = max_head_bytes;
        read_request_line(request, budget);
        for (std::string text = line(budget); !text.empty(); text = line(budget)) add_header(request, text);
        if (request.path.compare(0, 13, "/fault:early/") == 0) throw bad_http(413, "The body is too large.");
        if (!request.has("host")) throw bad_http(400, "The Host header is missing.");
        read_body(request);
        return request;
    }

private:
    char byte() {
        if (at_ == end_) {
            end_ = socket_.read(buffer_, sizeof buffer_, deadline_);
            at_ = 0;
        }
        return buffer_[at_++];
    }

    // A line without its CRLF, taken out of a budget of bytes for several lines.
    std::string line(size_t& budget) {
        std::string text;
        for (char c = byte(); c != '\r'; c = byte()) {
            if (is_control(c) && c != '\t') throw bad_http(400, "A control character in a line.");
            if (budget-- == 0) throw bad_http(431, "The head is larger than 16 KiB.");
            text += c;
        }
        if (byte() != '\n') throw bad_http(400, "A CR without LF.");
        return text;
    }

    // method SP request-target SP HTTP-version
    void read_request_line(Request& request, size_t& budget) {
        const std::string text = line(budget);
        const size_t first = text.find(' '), last = text.rfind(' ');
        if (first == 0 || first == last || text.find(' ', first + 1) != last)
            throw bad_http(400, "The request line is not 'METHOD /path HTTP/1.1'.");
        if (text.substr(last) != " HTTP/1.1")
            throw bad_http(505, "This server speaks HTTP/1.1 only.");
        request.method = text.substr(0, first);
        const std::string target = text.substr(first + 1, last - first - 1);
        request.path = before(target, "?");
        request.query = target.substr(std::min(request.path.size() + 1, target.size()));
    }

    // field-name ":" OWS field-value OWS
    void add_header(Request& request, const std::string& text) {
        const std::string name = lower(before(text, ":"));
        if (name.empty() || name.size() == text.size() || name.find_first_of(" \t") != name.npos)
            throw bad_http(400, "A header line is not 'Name: value'.");
        const size_t start = std::min(text.find_first_not_of(" \t", name.size() + 1), text.size());
        const std::string value = text.substr(start, text.find_last_not_of(" \t") + 1 - start);
        request.headers[name] = request.has(name.c_str()) ? request.headers[name] + ", " + value : value;
    }

    void read_body(Request& request) {
        const bool chunked = request.has("transfer-encoding"), sized = request.has("content-length");
        if (chunked && sized) throw bad_http(400, "The body has two lengths.");
        if (chunked && lower(request.header("transfer-encoding")) != "chunked")
            throw bad_http(501, "The only transfer coding known here is 'chunked'.");
        const size_t size = sized ? number(request.header("content-length"), 10, max_body_bytes) : 0;
        if (lower(request.header("expect")) == "100-continue") socket_.write("HTTP/1.1 100 Continue\r\n\r\n");
        if (chunked) {
            read_chunks(request.body);
        } else {
            append_bytes(request.body, size);
        }
    }

    // *( chunk-size [ chunk-ext ] CRLF chunk-data CRLF ) 1*"0" [ chunk-ext ] CRLF *( field-line CRLF ) CRLF
    void read_chunks(std::string& body) {
        for (;;) {
            size_t budget = max_head_bytes;
            const size_t size = number(before(line(budget), "; \t"), 16, max_body_bytes - body.size());
            if (size == 0) break;
            append_bytes(body, size);
            if (byte() != '\r' || byte() != '\n') throw bad_http(400, "A chunk does not end in CRLF.");
        }
        for (size_t budget = max_head_bytes; !line(budget).empty();) continue;
    }

    void append_bytes(std::string& body, size_t count) {
        for (; count > 0; --count) body += byte();
    }

    static size_t number(const std::string& digits, unsigned base, size_t most) {
        size_t value = 0;
        for (const char c : digits) {
            if (hex_value(c) >= base) throw bad_http(400, "A length is not a number.");
            value = value * base + hex_value(c);
            if (value > most) throw bad_http(413, "The body is larger than 8 MiB.");
        }
        if (digits.empty()) throw bad_http(400, "A length is missing.");
        return value;
    }

    Socket& socket_;
    Clock::time_point deadline_;
    char buffer_[8192];
    size_t at_ = 0;
    size_t end_ = 0;
};

// Sends the answer to one request, whole or event by event, and spoils it as asked.
class Reply {
public:
    Reply(Socket& socket, const Request& request, bool keep_alive, uint64_t number)
        : socket_(socket), head_only_(request.method == "HEAD"), keep_alive_(keep_alive), id_(std::to_string(number)) {}

    Faults faults;
    bool may_cut = true;  // false: what was cut once goes on now
    bool speaks_responses = false;

    const std::string& id() const { return id_; }

    void whole(int status, const char* type, const std::string& body, const std::string& header = "") {
        const bool bodyless = status == 204 || status == 304;  // RFC 9110 sections 15.3.5, 15.4.5
        const std::string length = bodyless ? "" : "Content-Length: " + std::to_string(body.size()) + "\r\n";
        send(head(status, type) + header + length + "\r\n" + (head_only_ || bodyless ? "" : body));
    }

    void json(const std::string& body) { whole(200, "application/json", body); }

    void error(const ApiError& error) { whole(error.status, "application/json", json_of(error), error.header); }

    // The faults that come in place of an answer.
    void refuse() {
        if (faults.has("silence")) socket_.ignore(Clock::time_point::max());
        if (faults.has("html"))
            return whole(number_of_status("html", 200), "text/html",
                         "<!DOCTYPE html>\n<html><head><title>Gateway</title></head>"
                         "<body><h1>This is not the page you are looking for</h1></body></html>\n");
        const int status = faults.has("early") ? 413 : number_of_status("status", 500);
        const bool later = status == 429 || status == 503;
        error({status, "This is the fault you asked for: status " + std::to_string(status) + '.', "fault", "",
               later ? "Retry-After: 2\r\n" : ""});
    }
    bool refuses() const {
        return faults.has("silence") || faults.has("html") || faults.has("status") || faults.has("early");
    }

    void begin_events() {
        const char* framing = "Cache-Control: no-cache\r\nTransfer-Encoding: chunked\r\n\r\n";
        send(head(200, "text/event-stream") + framing);
    }

    // Counts what it sends: breaks off behind the event that was asked for.
    void event(const std::string& data, const std::string& type = "") {
        if (faults.has("cut-after") && may_cut && events_ == faults.number("cut-after", 5)) throw Gone{};
        ++events_;
        const std::string line_end = faults.has("crlf") ? "\r\n" : "\n";
        const std::string comment = faults.has("comments") ? ": keep-alive" + line_end + line_end : "";
        const std::string name = type.empty() ? "" : "event: " + type + line_end;
        const std::string text = comment + name + "data: " + data + line_end + line_end;
        const size_t chunk_size = faults.has("bytes") ? 1 : text.size();
        for (size_t at = 0; at < text.size(); at += chunk_size) send(chunk(text.substr(at, chunk_size)));
    }

    void error_event() {
        const ApiError error{500, "This is the fault you asked for: an error event.", "fault"};
        if (!speaks_responses) return event(json_of(error));
        event("{\"type\":\"error\",\"code\":\"fault\",\"message\":" + quote(error.message) +
                  ",\"param\":null,\"sequence_number\":" + std::to_string(events_) + '}', "error");
    }

    void end_message() { send(chunk("")); }

    // Half of the answer has been sent. True: that was all of it.
    bool breaks_off() {
        if (faults.has("cut")) throw Gone{};
        if (faults.has("reset")) socket_.reset();
        if (faults.has("stall")) socket_.ignore(Clock::time_point::max());
        if (faults.has("cut-chunk")) {
            send(chunk("data: {\"id\":\"chatcmpl-local").substr(0, 20));
            throw Gone{};
        }
        if (faults.has("error-midstream")) error_event();
        return faults.has("error-midstream") || faults.has("cut-clean");
    }

private:
    std::string head(int status, const char* type) const {
        const char* reason = reasons.count(status) != 0 ? reasons.at(status) : "";
        return "HTTP/1.1 " + std::to_string(status) + ' ' + reason + "\r\nContent-Type: " + type +
               "\r\nx-request-id: req_local_" + id_ + (keep_alive_ ? "\r\n" : "\r\nConnection: close\r\n");
    }

    static std::string json_of(const ApiError& error) {
        const char* type = error.status >= 500 ? "server_error" : "invalid_request_error";
        return "{\"error\":{\"message\":" + quote(error.message) + ",\"type\":" + quote(type) +
               ",\"param\":" + quote_or_null(error.param) + ",\"code\":" + quote_or_null(error.code) + "}}";
    }

    static std::string chunk(const std::string& bytes) {
        char size[24];
        snprintf(size, sizeof size, "%zx\r\n", bytes.size());
        return size + bytes + "\r\n";
    }

    int number_of_status(const char* fault, int otherwise) const {
        const int status = faults.number(fault, otherwise);
        if (status < 200 || status > 599) throw bad_param("model", "asks for a status that is not 200 to 599");
        return status;
    }

    void send(std::string_view bytes) {
        if (!faults.has("slow")) return socket_.write(bytes);
        for (; !bytes.empty(); bytes.remove_prefix(1)) {
            stop.sleep_until(Clock::now() + milliseconds(faults.number("slow", 50)));
            socket_.write(bytes.substr(0, 1));
        }
    }

    Socket& socket_;
    const bool head_only_;
    const bool keep_alive_;
    const std::string id_;
    int events_ = 0;
};

// ---- Lumen ---------------------------------------------------------------------------------------------------------

struct Turn {
    std::string role;
    std::string text;
};

// What Lumen listens for, and the replies that take turns. Cues are in lower case, without punctuation, separated by
// '|'; one that ends in '*' matches the beginning of a word. In replies, {name} is ", Ada" once Ada has introduced
// herself, and {topic} a word of the user's.
struct Intent {
    const char* cues;
    bool needs_name;
    std::vector<const char*> replies;
};

// clang-format off
// The first intent that is heard and possible wins: subjects first, courtesies last.
const Intent intents[] = {
    {"sky blue|blue sky|why is the sky|rayleigh|color of the sky|colour of the sky", false,
     {"Sunlight carries every color, and the molecules of the air, far smaller than a wavelength, scatter its short "
      "blue waves much more strongly than the long red ones \u2014 the keeper calls it Rayleigh scattering. So blue "
      "reaches your eye from every corner of the sky, while violet, though scattered even more, is scarcer in "
      "sunlight and fainter to our eyes. At dusk the light takes the long road through the air, loses most of its "
      "blue on the way, and arrives at my lamp room red."}},
    {"whats my name|what is my name|what my name is|who am i|remember my name|know my name", true,
     {"It is in the log, in my best hand{name}. A good keeper's assistant writes everything down.",
      "Of course I know{name}: you told me yourself, earlier in this very conversation."}},
    {"whats my name|what is my name|what my name is|who am i|remember my name|know my name", false,
     {"You have not told me yet. Say \"my name is ...\", and I will write it in the log."}},
    {"are you real|are you human|are you an ai|are you a bot|language model|which model|what model|llm|chatgpt", false,
     {"Honestly? There is no model here: I am a table of rules with a warm lamp.",
      "No model, and no na\u00efve claims to be one: just rules, read out by lamplight. For the real thing, only "
      "the URL in your program has to change."}},
    {"who are you|what are you|your name|what is lumen|whats lumen|about yourself|introduce yourself", false,
     {"I am Lumen, assistant to the keeper of this lighthouse, which is a small server on your own machine. There "
      "is no model behind my lamp \u2014 only rules and good manners, so that your program can practise streaming.",
      "The name is Lumen. I trim the wick, keep the log and answer the line: no model, no cloud, no bill."}},
    {"what can you do|help|what do you know", false,
     {"I can tell a joke, write a haiku or a poem, show some code, explain why the sky is blue and remember your "
      "name. Anything else I answer as gracefully as a table of rules can."}},
    {"haiku*", false,
     {"Night folds on the sea \u2014\none word, then another word:\nlight, arriving late.",
      "Fog over the pier.\nThe buffer holds what it can,\nthe lamp says the rest."}},
    {"poem*|poetry|verse*|rhyme*", false,
     {"The sea sends its letters in pieces to shore,\nand the lamp reads aloud what it finds at the door;\nnot all "
      "of it came, but the start is in hand,\nand the rest will be read when the rest comes to land."}},
    {"joke*|make me laugh|something funny", false,
     {"I know a splendid joke about UDP, but I could never be sure that you got it.",
      "Why did the sailor bring a socket to the lighthouse? He had heard the connection was kept alive."}},
    {"code|coding|program*|snippet|python|hello world", false,
     {"Here is all that a lighthouse does:\n\n```cpp\nfor (;;) std::puts(\"\\aHere is a rock.\");\n```\n\nIt has "
      "never been known to crash a ship."}},
    {"stream*|token*|sse|chunk*", false,
     {"Each of my words leaves as an event of its own: a line that begins with \"data: \", in one HTTP chunk. When "
      "I have finished I say [DONE] \u2014 a line that just goes quiet was cut."}},
    {"what time|the time|oclock|what day|the date|todays date|clock", false,
     {"A lighthouse counts in turns of the lamp, and nobody gave me a watch. Your own machine has one."}},
    {"weather|forecast|rain|raining|sunny|temperature|storm*|wind", false,
     {"Calm, as always on 127.0.0.1: no wind, no waves, not one packet lost. For anything further out, try a window."}},
    {"meaning of life|purpose of life", false,
     {"To stand where you are useful and to keep the lamp lit. Others say 42, which also fits in a byte."}},
    {"how are you|hows it going|how is it going", false,
     {"Dry, lit and well oiled, thank you{name}. And you?",
      "Every lens polished, and not a packet lost all night{name}."}},
    {"my name is|my names|im called|i am called", true,
     {"Welcome ashore{name} \u2014 it is in the log now. Ask me for it later, and see.",
      "A pleasure{name}. I have written it down in ink."}},
    {"thanks|thank you|merci|cheers", false,
     {"You are welcome{name}. It was nothing, or at most one caf\u00e9 cr\u00e8me's worth of lamp oil.",
      "With pleasure{name}. The lamp was on anyway."}},
    {"bye|goodbye|good night|see you|farewell", false,
     {"Fair winds{name}. I will leave the light on.", "Good night{name}, and mind the step: the last chunk is empty."}},
    {"ping|test|testing|are you there|can you hear me", false,
     {"Loud and clear{name}: your request arrived in one piece, and this answer is on its way in many."}},
    {"hello|hi|hey|good morning|good afternoon|good evening|greetings|ahoy|bonjour|moin", false,
     {"Hello{name}, and welcome ashore \U0001F30A I am Lumen; I look after the lamp and this little server. Ask me "
      "anything \u2014 why the sky is blue, perhaps?",
      "Ahoy{name}! \U0001F30A The lamp is lit, the kettle is on and the line is clear. What shall I light up?"}},
};

const Intent question = {"what|how|why|when|where|who|which|explain|describe|can you", false,
     {"A good question, and \"{topic}\" deserves better than a guess from a lamp without a model behind it. Ask a "
      "real one: in your program only the URL changes.",
      "I looked up \"{topic}\" in the keeper's log and found tides, lamp oil and one drawing of a gull. I would "
      "rather admit that than invent a coastline for you.",
      "\"{topic}\" lies beyond the reach of my lamp: I know the rocks around here and little else. But see how "
      "steadily the words arrive \u2014 that part is quite real."}};

const Intent statement = {"", false,
     {"\"{topic}\": a good word to read by lamplight{name}. I have put it in the log, beside the tides.",
      "From up here \"{topic}\" looks small and well lit, as most things do. Tell me more{name}, or ask for a haiku.",
      "I hear you{name}, or as nearly as a table of rules can. Shall I make \"{topic}\" the word of the night?"}};

const Intent silence = {"", false,
     {"The line is open, but I could not make out a word I know. Say it another way, and I will do what a lamp can.",
      "I heard mostly the sea just now. Ask me who I am, or why the sky is blue."}};
// clang-format on

constexpr std::string_view words_without_topic =
    " about again because been being could does doing explain describe every from have into just know like make "
    "many more much never only other please really should some someone something tell than that their them then "
    "there these they thing think this those very want what when where which while will with would write your ";

// Answers from the conversation alone: the same conversation always gets the same answer, and a question that is asked
// again gets the next reply of its intent.
class Lumen {
public:
    explicit Lumen(const std::vector<Turn>& turns) {
        for (const Turn& turn : turns) {
            if (turn.role != "user") continue;
            words_ = clean(turn.text.substr(0, max_heard_bytes));
            heard_ = lower(words_);
            asks_ = turn.text.find('?') != std::string::npos;
            ++variant_;
            note_name();
        }
        uint32_t hash = 2166136261u;  // FNV-1a
        for (const char c : heard_) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619u;
        variant_ += hash >> 8;
        topic_ = find_topic();
    }

    std::string answer() const {
        for (const Intent& intent : intents)
            if (hears(intent) && (!intent.needs_name || !name_.empty())) return say(intent);
        if (topic_.empty()) return say(silence);
        return say(asks_ || hears(question) ? question : statement);
    }

private:
    // The words with one space before and after each. Apostrophes vanish, other ASCII punctuation separates.
    static std::string clean(std::string_view text) {
        constexpr std::string_view curly_apostrophe = "\u2019";
        std::string words = " ";
        for (size_t at = 0; at < text.size(); ++at) {
            const char c = text[at];
            if (text.substr(at, curly_apostrophe.size()) == curly_apostrophe) {
                at += curly_apostrophe.size() - 1;
            } else if (!is_ascii(c) || is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'z') || c == '-') {
                words += c;
            } else if (c != '\'' && words.back() != ' ') {
                words += ' ';
            }
        }
        return words.back() == ' ' ? words : words + ' ';
    }

    bool hears(const Intent& intent) const {
        std::string_view cues = intent.cues;
        while (!cues.empty()) {
            std::string cue(cues.substr(0, cues.find('|')));
            cues.remove_prefix(std::min(cue.size() + 1, cues.size()));
            if (cue.back() == '*') {
                cue.pop_back();
            } else {
                cue += ' ';
            }
            if (heard_.find(' ' + cue) != heard_.npos) return true;
        }
        return false;
    }

    // "my name is Ada"
    void note_name() {
        for (const char* phrase : {" my name is ", " my names ", " im called ", " i am called "}) {
            const size_t found = heard_.rfind(phrase);
            if (found == heard_.npos) continue;
            std::string name = before(words_.substr(found + std::string_view(phrase).size()), " ");
            if (name.empty() || name.size() > max_word_bytes || lower(name) == "not") continue;
            if (name[0] >= 'a' && name[0] <= 'z') name[0] = static_cast<char>(name[0] - ('a' - 'A'));
            name_ = name;
        }
    }

    // The longest word that is likely to mean something, the last one of several.
    std::string find_topic() const {
        std::string longest;
        for (size_t start = 1, end; (end = words_.find(' ', start)) != words_.npos; start = end + 1) {
            const std::string word = words_.substr(start, end - start);
            const bool fits = word.size() >= 4 && word.size() >= longest.size() && word.size() <= max_word_bytes;
            if (fits && words_without_topic.find(' ' + lower(word) + ' ') == std::string_view::npos) longest = word;
        }
        return longest;
    }

    std::string say(const Intent& intent) const {
        const std::string reply = intent.replies[variant_ % intent.replies.size()];
        std::string text;
        for (size_t at = 0; at < reply.size(); ++at) {
            if (reply[at] != '{') {
                text += reply[at];
                continue;
            }
            const bool is_name = reply[at + 1] == 'n';
            text += !is_name ? topic_ : name_.empty() ? "" : ", " + name_;
            at = reply.find('}', at);
        }
        return text;
    }

    std::string words_ = " ";  // of the last user message
    std::string heard_ = " ";  // the same in lower case
    std::string name_;
    std::string topic_;
    bool asks_ = false;
    size_t variant_ = 0;
};

// ---- what both APIs have in common ---------------------------------------------------------------------------------

// Where the token at start ends. A token here is a word with the white space before it.
size_t end_of_token(const std::string& text, size_t start) {
    return std::min(text.find_first_of(" \n", text.find_first_not_of(" \n", start)), text.size());
}

size_t count_tokens(const std::string& text) {
    size_t count = 0;
    for (size_t at = 0; at < text.size(); at = end_of_token(text, at)) ++count;
    return count;
}

// The members of a request body, checked.
std::string string_of(const Json& value, const std::string& name) {
    if (value.kind == Json::Kind::null) throw missing_param(name);
    if (value.kind != Json::Kind::string || value.text.empty()) throw bad_param(name, "must be text");
    return value.text;
}

std::string model_of(const Json& body) {
    const std::string model = string_of(body["model"], "model");
    if (model.size() > max_model_bytes) throw bad_param("model", "is longer than 256 bytes");
    return model;
}

bool flag_of(const Json& value, const std::string& name) {
    if (value.kind == Json::Kind::null || value.kind == Json::Kind::boolean) return value.truth;
    throw bad_param(name, "must be true or false");
}

// A string, or an array of parts whose texts belong together, or nothing.
std::string text_of(const Json& content, const std::string& name) {
    if (content.kind == Json::Kind::null || content.kind == Json::Kind::string) return content.text;
    if (content.kind != Json::Kind::array) throw bad_param(name, "must be a string or an array of parts");
    std::string text;
    for (const Json& part : content.items) text += part["text"].text + ' ';
    return text;
}

struct Call {
    std::string name;
    std::string arguments;

    // They come in two pieces.
    size_t half() const { return std::min(arguments.find(':') + 1, arguments.size()); }
};

// Both calls of an answer, whatever the question was: of the first two functions, or of the only one.
class Tools {
public:
    void offer(const Json& function) {
        const Json& name = function["name"];
        const bool fits = name.kind == Json::Kind::string && name.text.size() <= max_name_bytes;
        if (fits && functions_.size() < 2) functions_.push_back(function);
    }
    // What was said: a question makes what tools said before a matter of the past.
    void hear_question() { results_.clear(); }
    void hear_result(const std::string& text) {
        if (results_.size() < max_results) results_.push_back(text.substr(0, max_result_bytes));
    }

    std::vector<Call> calls(const Faults& faults) const {
        const char* const cities[] = {"Brest", "Bergen"};
        std::vector<Call> calls;
        if (faults.has("tools") && functions_.empty()) {
            for (const char* city : cities) calls.push_back({"get_weather", "{\"city\":" + quote(city) + '}'});
        } else if (results_.empty() && !functions_.empty()) {
            for (size_t at = 0; at < 2; ++at) {
                const Json& function = functions_[std::min(at, functions_.size() - 1)];
                calls.push_back({function["name"].text, arguments(function["parameters"], cities[at])});
            }
        }
        return calls;
    }

    // The tools' own words, or Lumen's.
    std::string answer(const std::vector<Turn>& turns) const {
        if (results_.empty()) return Lumen(turns).answer();
        std::string text = "I have asked, and here is what the line said.";
        for (const std::string& result : results_) text += "\n- " + result;
        return text;
    }

private:
    // What fits to a schema, roughly.
    static std::string arguments(const Json& schema, const char* word) {
        std::string members;
        const Json& properties = schema["properties"];
        for (size_t at = 0; at < properties.keys.size(); ++at) {
            const Json& property = properties.items[at];
            if (properties.keys[at].size() > max_name_bytes || members.size() > max_result_bytes) continue;
            const std::string type = property["type"].text;
            const std::vector<Json>& choices = property["enum"].items;
            const bool has_choice = !choices.empty() && choices[0].kind == Json::Kind::string;
            const std::string value = has_choice ? quote(choices[0].text.substr(0, max_name_bytes))
                                      : type == "integer" || type == "number" ? "1"
                                      : type == "boolean"                     ? "true"
                                      : type == "array"                       ? "[]"
                                      : type == "object"                      ? "{}"
                                                                              : quote(word);
            members += (members.empty() ? "" : ",") + quote(properties.keys[at]) + ':' + value;
        }
        return '{' + members + '}';
    }

    std::vector<Json> functions_;
    std::vector<std::string> results_;
};

// ---- chat completions ----------------------------------------------------------------------------------------------

// What a request body asks for. Members we do not know are ignored.
struct ChatRequest {
    std::string model;
    std::vector<Turn> turns;
    Tools tools;
    bool stream = false;
    bool include_usage = false;

    explicit ChatRequest(const Json& body) {
        model = model_of(body);
        stream = flag_of(body["stream"], "stream");
        include_usage = flag_of(body["stream_options"]["include_usage"], "stream_options.include_usage");
        const Json& messages = body["messages"];
        if (messages.kind == Json::Kind::null) throw missing_param("messages");
        if (messages.kind != Json::Kind::array || messages.items.empty())
            throw bad_param("messages", "must be an array of at least one message");
        for (const Json& message : messages.items) {
            const std::string name = "messages[" + std::to_string(turns.size()) + "].";
            turns.push_back({string_of(message["role"], name + "role"), text_of(message["content"], name + "content")});
            if (turns.back().role == "user") tools.hear_question();
            if (turns.back().role == "tool") tools.hear_result(turns.back().text);
        }
        if (body["tool_choice"].text != "none")
            for (const Json& tool : body["tools"].items) tools.offer(tool["function"]);
    }
};

// One answer, in either shape.
class ChatAnswer {
public:
    ChatAnswer(const ChatRequest& request, const Faults& faults, const std::string& id)
        : calls_(request.tools.calls(faults)), text_(calls_.empty() ? request.tools.answer(request.turns) : ""),
          reasoning_(faults.has("reasoning") ? "Somebody is at the line. I could guess, or look it up. Look." : ""),
          finish_reason_(calls_.empty() ? "\"stop\"" : "\"tool_calls\""),
          id_("{\"id\":\"chatcmpl-local-" + id + "\",\"object\":"),
          origin_(",\"created\":" + std::to_string(std::time(nullptr)) + ",\"model\":" + quote(request.model) + ','),
          usage_(usage(request)), usage_wanted_(request.include_usage || faults.has("usage")) {
        add_tokens("reasoning_content", reasoning_);
        add_tokens("content", text_);
        add_tools(id);
    }

    void send_whole(Reply& reply) const {
        const std::string reasoning = reasoning_.empty() ? "" : ",\"reasoning_content\":" + quote(reasoning_);
        const std::string tools = tools_.empty() ? "" : ",\"tool_calls\":[" + tools_ + ']';
        reply.json(id_ + "\"chat.completion\"" + origin_ +
                   "\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":" +
                   quote_or_null(text_) + reasoning + tools + ",\"refusal\":null},\"logprobs\":null," +
                   "\"finish_reason\":" + finish_reason_ + "}],\"usage\":" + usage_ + '}');
    }

    // Tokens leave by a schedule, so that delays do not add up.
    void send_events(Reply& reply, Clock::duration pace) const {
        reply.begin_events();
        if (reply.faults.has("error-first")) {
            reply.error_event();
            return reply.end_message();
        }
        reply.event(chunk("{\"role\":\"assistant\",\"content\":\"\"}", "null"));
        auto due = Clock::now();
        for (size_t sent = 0; sent < deltas_.size(); ++sent) {
            if (sent == deltas_.size() / 2 && reply.breaks_off()) return reply.end_message();
            stop.sleep_until(due += pace);
            reply.event(chunk(deltas_[sent], "null"));
        }
        reply.event(chunk("{}", finish_reason_));
        if (usage_wanted_) reply.event(chunk_head() + "\"choices\":[],\"usage\":" + usage_ + '}');
        if (!reply.faults.has("no-done")) reply.event("[DONE]");
        reply.end_message();
    }

private:
    void add_tokens(const char* key, const std::string& text) {
        for (size_t start = 0, end; start < text.size(); start = end) {
            end = end_of_token(text, start);
            deltas_.push_back(std::string("{\"") + key + "\":" + quote(text.substr(start, end - start)) + '}');
        }
    }

    void add_tools(const std::string& id) {
        for (size_t at = 0; at < calls_.size(); ++at) {
            const Call& call = calls_[at];
            const std::string index = "{\"index\":" + std::to_string(at) + ',';
            const std::string name = "\"id\":\"call_local_" + id + '_' + std::to_string(at + 1) +
                                     "\",\"type\":\"function\",\"function\":{\"name\":" + quote(call.name) +
                                     ",\"arguments\":";
            deltas_.push_back("{\"tool_calls\":[" + index + name + "\"\"}}]}");
            for (const std::string& piece : {call.arguments.substr(0, call.half()), call.arguments.substr(call.half())})
                deltas_.push_back("{\"tool_calls\":[" + index + "\"function\":{\"arguments\":" + quote(piece) + "}}]}");
            tools_ += (at == 0 ? "{" : ",{") + name + quote(call.arguments) + "}}";
        }
    }

    std::string chunk_head() const { return id_ + "\"chat.completion.chunk\"" + origin_; }

    std::string chunk(const std::string& delta, const std::string& finish_reason) const {
        return chunk_head() + "\"choices\":[{\"index\":0,\"delta\":" + delta +
               ",\"logprobs\":null,\"finish_reason\":" + finish_reason + "}]" +
               (usage_wanted_ ? ",\"usage\":null}" : "}");
    }

    std::string usage(const ChatRequest& request) const {
        size_t prompt = 0;
        for (const Turn& turn : request.turns) prompt += count_tokens(turn.text);
        const size_t completion = count_tokens(reasoning_) + count_tokens(text_);
        return "{\"prompt_tokens\":" + std::to_string(prompt) + ",\"completion_tokens\":" + std::to_string(completion) +
               ",\"total_tokens\":" + std::to_string(prompt + completion) + '}';
    }

    const std::vector<Call> calls_;
    const std::string text_;
    const std::string reasoning_;
    const std::string finish_reason_;
    const std::string id_;      // how all objects of this answer begin, up to their type
    const std::string origin_;  // and what follows the type
    const std::string usage_;
    const bool usage_wanted_;
    std::vector<std::string> deltas_;  // what the events say, one after the other
    std::string tools_;                // the calls, whole
};

// ---- responses -----------------------------------------------------------------------------------------------------

// What a request body asks for. Members we do not know are ignored.
struct ResponseRequest {
    std::string model;
    std::string previous;  // the id of the response before, or nothing
    std::vector<Turn> turns;
    Tools tools;
    size_t max_tokens = SIZE_MAX;
    bool stream = false;
    bool store = true;
    bool background = false;
    bool wants_reasoning = false;

    explicit ResponseRequest(const Json& body) {
        model = model_of(body);
        stream = flag_of(body["stream"], "stream");
        background = flag_of(body["background"], "background");
        store = body["store"].kind == Json::Kind::null || flag_of(body["store"], "store");
        wants_reasoning = !body["reasoning"]["summary"].text.empty();
        if (background && !store) throw bad_param("background", "needs 'store'");
        if (body["max_output_tokens"].kind == Json::Kind::number)
            max_tokens = static_cast<size_t>(
                std::min(std::max(1.0, strtod(body["max_output_tokens"].text.c_str(), nullptr)), 1e6));
        previous = body["previous_response_id"].text;
        if (body["tool_choice"].text != "none")
            for (const Json& tool : body["tools"].items)
                if (tool["type"].text == "function") tools.offer(tool);

        const Json& input = body["input"];
        if (input.kind == Json::Kind::null && previous.empty()) throw missing_param("input");
        if (input.kind == Json::Kind::string) turns.push_back({"user", input.text});
        else if (input.kind != Json::Kind::array && input.kind != Json::Kind::null)
            throw bad_param("input", "must be text or an array of items");
        for (size_t at = 0; at < input.items.size(); ++at) {
            const Json& item = input.items[at];
            const std::string name = "input[" + std::to_string(at) + "].", type = item["type"].text;
            if (type == "function_call_output") tools.hear_result(text_of(item["output"], name + "output"));
            if (!type.empty() && type != "message") continue;
            turns.push_back({string_of(item["role"], name + "role"), text_of(item["content"], name + "content")});
            if (turns.back().role == "user") tools.hear_question();
        }
        for (Turn& turn : turns) {
            turn.role.resize(std::min(turn.role.size(), max_name_bytes));
            turn.text.resize(std::min(turn.text.size(), max_heard_bytes));
        }
    }

    // What was said before; what is too long ago is forgotten.
    void go_on(const std::vector<Turn>& earlier) {
        turns.insert(turns.begin(), earlier.begin(), earlier.end());
        if (turns.size() > max_turns) turns.erase(turns.begin(), turns.end() - static_cast<ptrdiff_t>(max_turns));
    }
};

// A response and everything that is ever said about it. It is made at once; the clock decides what of it is known.
class Response {
public:
    const std::string id;
    std::vector<Turn> turns;  // of the conversation, this answer included
    const bool background;

    Response(const ResponseRequest& request, const Faults& faults, const std::string& number, Clock::duration pace)
        : id("resp_local_" + number), turns(request.turns), background(request.background), number_(number),
          model_(request.model), previous_(request.previous), pace_(pace), start_(Clock::now()) {
        const std::vector<Call> calls = request.tools.calls(faults);
        const std::string thought = "The keeper asks. I could guess, or look at the log. Look.";
        std::string text = calls.empty() ? request.tools.answer(turns) : "";
        if (count_tokens(text) > request.max_tokens) {
            size_t end = 0;
            for (size_t left = request.max_tokens; left > 0; --left) end = end_of_token(text, end);
            text.resize(end);
            is_cut_short_ = true;
        }
        const bool thinks = request.wants_reasoning || faults.has("reasoning");
        for (const Turn& turn : turns) input_tokens_ += count_tokens(turn.text);
        reasoning_tokens_ = thinks ? count_tokens(thought) : 0;
        output_tokens_ = count_tokens(text) + reasoning_tokens_;
        turns.push_back({"assistant", text});

        add("response.created", "\"response\":" + in_progress());
        add("response.in_progress", "\"response\":" + in_progress());
        if (thinks) add_reasoning(thought);
        if (calls.empty()) add_message(text);
        else add_calls(calls);
        add("response." + final_status(), "\"response\":" + object(final_status()));
    }

    // What is known of it now.
    std::string snapshot() const {
        if (is_cancelled_) return object("cancelled", false);
        return Clock::now() < due(events_.size() - 1) ? in_progress() : whole();
    }
    std::string whole() const { return object(final_status()); }

    // Events behind `last` by its sequence number (-1: all), each when it is due.
    void send_events(Reply& reply, int64_t last) {
        size_t tokens = 0;
        reply.may_cut = !was_cut_.exchange(true);
        reply.begin_events();
        if (reply.faults.has("error-first")) {
            reply.error_event();
            return reply.end_message();
        }
        for (size_t at = 0; at < events_.size(); ++at) {
            if (events_[at].is_token && tokens++ == events_.back().tokens_before / 2 && last < 0 && reply.breaks_off())
                return reply.end_message();
            if (static_cast<int64_t>(at) <= last) continue;
            stop.sleep_until(due(at));
            if (is_cancelled_) break;
            reply.event(events_[at].data, events_[at].type);
        }
        reply.end_message();
    }

    void cancel() {
        if (!background) throw ApiError{400, "Cannot cancel a synchronous response.", "invalid_request"};
        if (Clock::now() >= due(events_.size() - 1))
            throw ApiError{400, "Cannot cancel a completed response.", "invalid_request"};
        is_cancelled_ = true;
    }

private:
    struct Event {
        std::string type, data;
        bool is_token;
        size_t tokens_before;
    };

    // The n-th is due when as many tokens as come up to it have taken their time.
    Clock::time_point due(size_t event) const {
        const Event& known = events_[event];
        return start_ + pace_ * static_cast<int64_t>(known.tokens_before + (known.is_token ? 1 : 0));
    }

    void add(const std::string& type, const std::string& members, bool is_token = false) {
        const size_t before = events_.empty() ? 0 : events_.back().tokens_before + (events_.back().is_token ? 1 : 0);
        const std::string head = "{\"type\":" + quote(type) + ",\"sequence_number\":" + std::to_string(events_.size());
        events_.push_back({type, head + ',' + members + '}', is_token, before});
    }
    void add_tokens(const std::string& type, const std::string& place, const std::string& text) {
        for (size_t start = 0, end; start < text.size(); start = end) {
            end = end_of_token(text, start);
            add(type, place + ",\"delta\":" + quote(text.substr(start, end - start)), true);
        }
    }
    // Of an item that is complete now.
    void finish_item(size_t index, const std::string& item) {
        output_ += (output_.empty() ? "" : ",") + item;
        add("response.output_item.done", at(index) + ",\"item\":" + item);
    }

    static std::string at(size_t index) { return "\"output_index\":" + std::to_string(index); }
    std::string item_id(const char* prefix, size_t index) const {
        return prefix + std::string("_local_") + number_ + '_' + std::to_string(index);
    }

    void add_reasoning(const std::string& text) {
        const std::string item = "{\"id\":" + quote(item_id("rs", 0)) + ",\"type\":\"reasoning\",\"summary\":[";
        const std::string part = "{\"type\":\"summary_text\",\"text\":";
        const std::string place = "\"item_id\":" + quote(item_id("rs", 0)) + ',' + at(0) + ",\"summary_index\":0";
        add("response.output_item.added", at(0) + ",\"item\":" + item + "]}");
        add("response.reasoning_summary_part.added", place + ",\"part\":" + part + "\"\"}");
        add_tokens("response.reasoning_summary_text.delta", place, text);
        add("response.reasoning_summary_text.done", place + ",\"text\":" + quote(text));
        add("response.reasoning_summary_part.done", place + ",\"part\":" + part + quote(text) + '}');
        finish_item(0, item + part + quote(text) + "}]}");
        items_ = 1;
    }

    void add_message(const std::string& text) {
        const std::string item_of = "{\"id\":" + quote(item_id("msg", items_)) + ",\"type\":\"message\",\"status\":";
        const std::string content_of = ",\"role\":\"assistant\",\"content\":[";
        const std::string place =
            "\"item_id\":" + quote(item_id("msg", items_)) + ',' + at(items_) + ",\"content_index\":0";
        const auto part = [](const std::string& said) {
            return "{\"type\":\"output_text\",\"annotations\":[],\"logprobs\":[],\"text\":" + quote(said) + '}';
        };
        add("response.output_item.added",
            at(items_) + ",\"item\":" + item_of + "\"in_progress\"" + content_of + "]}");
        add("response.content_part.added", place + ",\"part\":" + part(""));
        add_tokens("response.output_text.delta", place + ",\"logprobs\":[]", text);
        add("response.output_text.done", place + ",\"logprobs\":[],\"text\":" + quote(text));
        add("response.content_part.done", place + ",\"part\":" + part(text));
        const char* status = is_cut_short_ ? "\"incomplete\"" : "\"completed\"";
        finish_item(items_, item_of + status + content_of + part(text) + "]}");
    }

    // At the same time: their pieces take turns.
    void add_calls(const std::vector<Call>& calls) {
        const auto item = [&](size_t which, const char* status, const std::string& arguments) {
            return "{\"id\":" + quote(item_id("fc", items_ + which)) +
                   ",\"type\":\"function_call\",\"status\":" + quote(status) +
                   ",\"call_id\":" + quote(item_id("call", which)) + ",\"name\":" + quote(calls[which].name) +
                   ",\"arguments\":" + quote(arguments) + '}';
        };
        const auto place = [&](size_t which) {
            return "\"item_id\":" + quote(item_id("fc", items_ + which)) + ',' + at(items_ + which);
        };
        for (size_t which = 0; which < calls.size(); ++which)
            add("response.output_item.added", at(items_ + which) + ",\"item\":" + item(which, "in_progress", ""));
        for (const bool is_first : {true, false}) {
            for (size_t which = 0; which < calls.size(); ++which) {
                const Call& call = calls[which];
                const std::string piece =
                    is_first ? call.arguments.substr(0, call.half()) : call.arguments.substr(call.half());
                add("response.function_call_arguments.delta", place(which) + ",\"delta\":" + quote(piece), true);
            }
        }
        for (size_t which = 0; which < calls.size(); ++which) {
            add("response.function_call_arguments.done",
                place(which) + ",\"name\":" + quote(calls[which].name) +
                    ",\"arguments\":" + quote(calls[which].arguments));
            finish_item(items_ + which, item(which, "completed", calls[which].arguments));
        }
    }

    std::string final_status() const { return is_cut_short_ ? "incomplete" : "completed"; }
    std::string in_progress() const { return object("in_progress", false); }

    std::string object(const std::string& status, bool is_over = true) const {
        const std::string usage =
            "{\"input_tokens\":" + std::to_string(input_tokens_) + ",\"input_tokens_details\":{\"cached_tokens\":0}" +
            ",\"output_tokens\":" + std::to_string(output_tokens_) +
            ",\"output_tokens_details\":{\"reasoning_tokens\":" + std::to_string(reasoning_tokens_) +
            "},\"total_tokens\":" + std::to_string(input_tokens_ + output_tokens_) + '}';
        return "{\"id\":" + quote(id) + ",\"object\":\"response\",\"created_at\":" + std::to_string(created_at_) +
               ",\"status\":" + quote(status) + ",\"background\":" + (background ? "true" : "false") +
               ",\"error\":null,\"incomplete_details\":" +
               (is_over && is_cut_short_ ? "{\"reason\":\"max_output_tokens\"}" : "null") +
               ",\"model\":" + quote(model_) + ",\"output\":[" + (is_over ? output_ : "") +
               "],\"parallel_tool_calls\":true,\"previous_response_id\":" + quote_or_null(previous_) +
               ",\"metadata\":{},\"tool_choice\":\"auto\",\"tools\":[],\"usage\":" + (is_over ? usage : "null") + '}';
    }

    const std::string number_, model_, previous_;
    const Clock::duration pace_;
    const Clock::time_point start_;
    const std::time_t created_at_ = std::time(nullptr);
    std::vector<Event> events_;
    std::string output_;  // the items that are complete, joined
    size_t items_ = 0;    // before the answer itself
    size_t input_tokens_ = 0, output_tokens_ = 0, reasoning_tokens_ = 0;
    bool is_cut_short_ = false;
    std::atomic<bool> was_cut_{false};
    std::atomic<bool> is_cancelled_{false};
};

// The last responses, for those who come back for them.
class Archive {
public:
    std::shared_ptr<Response> find(const std::string& id) {
        std::lock_guard<std::mutex> lock(mutex_);
        const auto has_id = [&](const std::shared_ptr<Response>& response) { return response->id == id; };
        const auto found = std::find_if(responses_.begin(), responses_.end(), has_id);
        return found != responses_.end() ? *found : nullptr;
    }
    void keep(const std::shared_ptr<Response>& response) {
        std::lock_guard<std::mutex> lock(mutex_);
        if (responses_.size() == max_responses) responses_.pop_front();
        responses_.push_back(response);
    }

private:
    std::mutex mutex_;
    std::deque<std::shared_ptr<Response>> responses_;
};

// ---- the server ----------------------------------------------------------------------------------------------------

struct Options {
    uint16_t port = 0;
    Clock::duration pace = std::chrono::duration_cast<Clock::duration>(seconds(1)) / 30;  // between two tokens
    bool once = false;
    bool help = false;
    std::string key;
    int connections = 64;
};

// Which path does what.
class Api {
public:
    explicit Api(const Options& options) : options_(options) {}

    void answer(const Request& request, Reply& reply) {
        std::string path = request.path;
        if (path.compare(0, 7, "/fault:") == 0) {
            const size_t end = std::min(path.find('/', 1), path.size());
            reply.faults.add(path.substr(1, end - 1));
            path.erase(0, end);
        }
        if (reply.refuses()) return reply.refuse();
        const bool needs_key = !options_.key.empty() && path.compare(0, 4, "/v1/") == 0;
        if (needs_key && request.header("authorization") != "Bearer " + options_.key)
            throw ApiError{401, "Incorrect API key provided.", "invalid_api_key"};
        const auto is = [&](const char* method, const char* known_path) {
            if (path != known_path) return false;
            if (request.method == method) return true;
            throw ApiError{405, std::string("This path takes ") + method + " only.", "method_not_allowed", "",
                           std::string("Allow: ") + method + "\r\n"};
        };
        if (is("GET", "/")) return reply.whole(200, "text/plain", welcome + list_of_faults());
        if (is("GET", "/v1/models")) return reply.json(models());
        if (is("POST", "/v1/chat/completions")) return chat(request, reply);
        if (is("POST", "/v1/responses")) return respond(request, reply);
        const std::string responses = "/v1/responses/";
        if (path.compare(0, responses.size(), responses) == 0) {
            const std::string id = before(path.substr(responses.size()), "/");
            if (is("POST", (responses + id + "/cancel").c_str())) return cancel(id, reply);
            if (is("GET", (responses + id).c_str())) return retrieve(request, id, reply);
        }
        const bool lacks_v1 = path == "/models" || path == "/chat/completions" || path == "/responses";
        const std::string hint = " Did you mean /v1" + path + "? The base URL ends in /v1.";
        throw ApiError{404, "There is nothing at " + path.substr(0, 200) + '.' + (lacks_v1 ? hint : ""), "unknown_url"};
    }

private:
    static constexpr const char* welcome =
        "Lumen's lighthouse: an OpenAI-compatible server without a model.\n\n"
        "GET  /v1/models\n"
        "POST /v1/chat/completions  {\"model\":\"local\",\"stream\":true,\"messages\":"
        "[{\"role\":\"user\",\"content\":\"Why is the sky blue?\"}]}\n"
        "POST /v1/responses         {\"model\":\"local\",\"stream\":true,\"input\":\"Why is the sky blue?\"}\n"
        "GET  /v1/responses/ID?stream=true&starting_after=N\n"
        "POST /v1/responses/ID/cancel\n\n";

    static std::string models() {
        const char* rest = ",\"object\":\"model\",\"created\":0,\"owned_by\":\"lumen\"}";
        std::string list = std::string("{\"id\":\"local\"") + rest;
        for (const Fault& fault : all_faults) list += std::string(",{\"id\":\"fault:") + fault.name + '"' + rest;
        return "{\"object\":\"list\",\"data\":[" + list + "]}";
    }

    void chat(const Request& http, Reply& reply) const {
        const ChatRequest request(JsonReader::read(http.body));
        reply.faults.add(request.model);
        if (reply.refuses()) return reply.refuse();
        const ChatAnswer answer(request, reply.faults, reply.id());
        if (request.stream && !reply.faults.has("whole")) {
            answer.send_events(reply, options_.pace);
        } else {
            answer.send_whole(reply);
        }
    }

    void respond(const Request& http, Reply& reply) {
        ResponseRequest request(JsonReader::read(http.body));
        reply.faults.add(request.model);
        reply.speaks_responses = true;
        if (reply.refuses()) return reply.refuse();
        std::vector<Turn> earlier;
        if (!request.previous.empty()) {
            const std::shared_ptr<Response> previous = archive_.find(request.previous);
            if (!previous)
                throw ApiError{400, "Previous response with id '" + request.previous.substr(0, 100) + "' not found.",
                               "previous_response_not_found", "previous_response_id"};
            earlier = previous->turns;
        }
        request.go_on(earlier);
        const auto response = std::make_shared<Response>(request, reply.faults, reply.id(), options_.pace);
        if (request.store) archive_.keep(response);
        if (request.stream && !reply.faults.has("whole")) return response->send_events(reply, -1);
        reply.json(request.background ? response->snapshot() : response->whole());
    }

    void retrieve(const Request& http, const std::string& id, Reply& reply) {
        const std::shared_ptr<Response> response = known(id);
        reply.speaks_responses = true;
        if (http.parameter("stream") != "true" || reply.faults.has("whole")) return reply.json(response->snapshot());
        const std::string after = http.parameter("starting_after");
        if (after.size() > 9 || after.find_first_not_of("0123456789") != after.npos)
            throw bad_param("starting_after", "must be a sequence number");
        response->send_events(reply, after.empty() ? -1 : std::stoi(after));
    }

    void cancel(const std::string& id, Reply& reply) {
        const std::shared_ptr<Response> response = known(id);
        response->cancel();
        reply.json(response->snapshot());
    }

    std::shared_ptr<Response> known(const std::string& id) {
        const std::shared_ptr<Response> response = archive_.find(id);
        if (response) return response;
        throw ApiError{404, "Response with id '" + id.substr(0, 100) + "' not found.", "not_found", "id"};
    }

    const Options& options_;
    Archive archive_;
};

// Accepts connections and gives each a thread.
class Server {
public:
    explicit Server(const Options& options) : options_(options), api_(options) {}

    // The port, or -1 with errno.
    int listen() {
        const int on = 1;
        sockaddr_in address{};
        socklen_t size = sizeof address;
        sockaddr* const any_address = reinterpret_cast<sockaddr*>(&address);
        address.sin_family = AF_INET;
        address.sin_port = htons(options_.port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        const bool listening = listener_ >= 0 && fcntl(listener_, F_SETFL, O_NONBLOCK) == 0 &&
                               setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
                               bind(listener_, any_address, size) == 0 && ::listen(listener_, SOMAXCONN) == 0 &&
                               getsockname(listener_, any_address, &size) == 0;
        return listening ? ntohs(address.sin_port) : -1;
    }

    // Until the server stops and the last connection has ended.
    void run() {
        try {
            for (;;) accept_one();
        } catch (const Gone&) {
        }
        std::unique_lock<std::mutex> lock(mutex_);
        all_ended_.wait(lock, [this] { return connections_ == 0; });
    }

private:
    // With too many connections, or no descriptor left, new callers wait in the kernel's queue.
    void accept_one() {
        const bool ready =
            connections_ < options_.connections && stop.wait(listener_, POLLIN, Clock::now() + seconds(60));
        const int descriptor = ready ? accept(listener_, nullptr, nullptr) : -1;
        if (descriptor < 0) return stop.sleep_until(Clock::now() + milliseconds(10));
        ++connections_;
        try {
            std::thread(&Server::attend, this, descriptor).detach();
        } catch (const std::exception&) {  // no thread left
            close(descriptor);
            --connections_;
        }
    }

    // The life of a connection's thread.
    void attend(int descriptor) noexcept {
        bool asked = false;
        try {
            Socket socket(descriptor);
            serve(socket, asked);
        } catch (const Gone&) {
        } catch (const std::exception&) {  // no memory left: only this connection ends
        }
        if (asked && options_.once) stop.request();
        std::lock_guard<std::mutex> lock(mutex_);
        --connections_;
        all_ended_.notify_all();
    }

    // Requests in, answers out, until one side wants to close.
    void serve(Socket& socket, bool& asked) {
        RequestReader reader(socket);
        for (bool keep_alive = true; keep_alive;) {
            Request request;
            ApiError refusal{};
            try {
                request = reader.read();
            } catch (const ApiError& error) {
                refusal = error;
            }
            asked = true;
            keep_alive = !refusal.close && request.keep_alive() && !options_.once;
            Reply reply(socket, request, keep_alive, ++replies_);
            try {
                if (refusal.close) throw refusal;
                api_.answer(request, reply);
            } catch (const ApiError& error) {
                reply.error(error);
            }
        }
        socket.say_farewell();
    }

    const Options& options_;
    Api api_;
    const int listener_ = socket(AF_INET, SOCK_STREAM, 0);
    std::atomic<int> connections_{0};
    std::atomic<uint64_t> replies_{0};
    std::mutex mutex_;
    std::condition_variable all_ended_;
};

// False when there is something we do not understand.
bool read_options(Options& options, const std::vector<std::string>& words) {
    for (size_t at = 0; at < words.size(); ++at) {
        const std::string& name = words[at];
        if (name == "--once" || name == "--help") {
            (name == "--once" ? options.once : options.help) = true;
            continue;
        }
        const std::string value = at + 1 < words.size() ? words[++at] : "";
        char* end = nullptr;
        const double number = strtod(value.c_str(), &end);
        const bool is_number = !value.empty() && *end == '\0';
        const bool is_integer = is_number && value.find_first_not_of("0123456789") == value.npos;
        if (name == "--key" && !value.empty()) {
            options.key = value;
        } else if (name == "--port" && is_integer && number <= 65535) {
            options.port = static_cast<uint16_t>(number);
        } else if (name == "--connections" && is_integer && number >= 1 && number <= 10000) {
            options.connections = static_cast<int>(number);
        } else if (name == "--pace" && is_number && number >= 0.01) {
            options.pace = std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(1 / number));
        } else if (name == "--pace" && value == "0") {
            options.pace = Clock::duration::zero();
        } else {
            return false;
        }
    }
    return true;
}

// As many descriptors as that many connections take, or as many as there may be.
void raise_limit(int connections) {
    rlimit limit = {};
    const rlim_t wanted = static_cast<rlim_t>(connections) + 32;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= wanted) return;
    limit.rlim_cur = std::min(wanted, limit.rlim_max);
    setrlimit(RLIMIT_NOFILE, &limit);
}

void on_signal(int) { stop.request(); }

}  // namespace

int main(int count, char** words) {
    Options options;
    const bool understood = read_options(options, std::vector<std::string>(words + 1, words + count));
    if (!understood || options.help) {
        fprintf(understood ? stdout : stderr, "usage: local_server [--port N] [--pace TOKENS_PER_SECOND] [--key K] "
                "[--connections N] [--once] [--help]\n");
        if (understood) printf("\n%s", list_of_faults().c_str());
        return understood ? 0 : 2;
    }
    raise_limit(options.connections);
    Server server(options);
    const int port = stop.open() ? server.listen() : -1;
    if (port < 0) {
        perror("local_server");
        return 1;
    }
    signal(SIGPIPE, SIG_IGN);
    signal(SIGTERM, on_signal);
    if (signal(SIGINT, on_signal) == SIG_IGN) signal(SIGINT, SIG_IGN);  // a script's child: Ctrl-C is not meant for it
    printf("listening on http://127.0.0.1:%d/v1\n", port);
    fflush(stdout);
    server.run();
    return 0;
}
