// A URL and the fields of a request, whatever bytes they hold: what is accepted is written as one HTTP request whose
// body is JSON and says what it was given, in whichever windows it is written.
#include "checks.hpp"

#include <nlohmann/json.hpp>

#include <string>

namespace {

namespace oai = openai_stream;
using fuzz::check;

// The next field of the input: a length and its bytes, in memory of exactly that size. Now and then null.
oai::StringView field(fuzz::Input& input, unsigned which, size_t most = 40) {
    const uint8_t length = input.byte();
    if (length % 8 == 7) return {};
    const fuzz::Bytes bytes = input.take(length % most);
    static char places[16][64];
    char* const end = places[which % 16] + sizeof places[0];  // beside the next one's beginning
    char* const begin = end - bytes.size;
    if (bytes.size != 0) memcpy(begin, bytes.data, bytes.size);
    return {begin, bytes.size};
}

struct Written {
    std::string bytes;
    oai::Error error = oai::Error::none;
};
template <class Server, class Request>
Written write(const Server& server, const Request& request, uint8_t cut) {
    Written written;
    oai::RequestWriter writer;
    written.error = writer.begin(server, request);
    if (written.error != oai::Error::none) return written;
    fuzz::Cuts cuts(cut);
    char* const window = fuzz::memory_of(1024).data;
    for (size_t turns = 0; !writer.finished(); ++turns) {
        check(turns < 100000, "a request never ends");
        size_t room = cuts.next();
        room = room > 1024 ? 1024 : room < 16 ? 16 + room : room;
        const size_t count = (writer.write)(window + 1024 - room, room);
        check(count <= room, "more was written than there is room for");
        written.bytes.append(window + 1024 - room, count);
        if (count == 0) break;
    }
    fuzz::check_front({window, 1024});
    written.error = writer.error();
    check(writer.finished() == (written.error == oai::Error::none), "a request is neither finished nor failed");
    return written;
}

// One head without control bytes, and after it a body of the length that it names.
std::string body_of(const std::string& bytes) {
    const size_t end = bytes.find("\r\n\r\n");
    check(end != std::string::npos, "a request without a head");
    size_t lengths = 0, length = 0;
    for (size_t at = 0; at < end;) {
        const size_t line_end = bytes.find("\r\n", at);
        const std::string line = bytes.substr(at, line_end - at);
        check(!line.empty(), "an empty line in a head");
        for (const char c : line)
            check(static_cast<unsigned char>(c) >= ' ' || c == '\t', "a control byte in a head");
        if (at == 0) {
            const size_t first = line.find(' '), last = line.rfind(' ');
            check(first != last && line.find(' ', first + 1) == last && line.substr(last) == " HTTP/1.1",
                  "a request line of other than three words");
        } else {
            check(line.find(':') != std::string::npos && line.find(':') != 0, "a header without a name");
            if (line.compare(0, 16, "Content-Length: ") == 0) {
                ++lengths;
                length = std::stoul(line.substr(16));
            }
        }
        at = line_end + 2;
    }
    check(lengths == 1 && bytes.size() == end + 4 + length, "the body has another length than its head says");
    return bytes.substr(end + 4);
}

bool is_valid(oai::StringView text) { return fuzz::is_utf8(text); }

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    fuzz::Input input(data, size);
    const uint8_t flags = input.byte(), cut = input.byte();
    oai::Endpoint server(field(input, 0));
    if ((flags & 1) != 0 && server.host.empty()) server = oai::Endpoint("https://h.example:1/v1");
    if ((flags & 2) != 0) server.key = field(input, 1);
    if ((flags & 4) != 0) server.organization = field(input, 2);
    oai::http::HeaderField header;
    header.name = field(input, 3);
    header.value = field(input, 4);
    if ((flags & 8) != 0) server.headers = oai::List<oai::http::HeaderField>(&header, 1);
    check(server.host.size() <= 64 && server.prefix.size() <= 64, "a field of an endpoint is not its own");

    const oai::StringView model = field(input, 5), content = field(input, 6), name = field(input, 7);
    oai::Message messages[2] = {oai::Message(oai::Role::user, content), oai::Message(oai::Role::assistant, content)};
    messages[0].name = name;
    oai::ToolCall call;
    call.id = field(input, 8);
    call.name = name;
    call.arguments = field(input, 9);
    messages[1].tool_calls = oai::List<oai::ToolCall>(&call, (flags & 16) != 0 ? 1 : 0);
    const oai::Tool tool(name, content, oai::JsonValue(field(input, 10, 60)));
    oai::ChatRequest request(model, oai::List<oai::Message>(messages, 2));
    if ((flags & 32) != 0) request.tools = oai::List<oai::Tool>(&tool, 1);
    if ((flags & 64) != 0) request.extra_json = oai::JsonMembers(field(input, 11, 60));

    const bool is_azure = (flags & 128) != 0;
    const oai::StringView resource = field(input, 12), secret = field(input, 13), deployment = field(input, 14);
    const oai::AzureEndpoint azure(resource, secret, deployment, "2024-10-21");
    const Written whole = is_azure ? write(azure, request, 0) : write(server, request, 0);
    const Written pieces = is_azure ? write(azure, request, static_cast<uint8_t>(cut | 2))
                                    : write(server, request, static_cast<uint8_t>(cut | 2));
    check(whole.error == pieces.error && (whole.error != oai::Error::none || whole.bytes == pieces.bytes),
          "a request depends on the windows it is written in");
    fuzz::results().add(int64_t{static_cast<int>(whole.error)});
    if (whole.error != oai::Error::none) return 0;
    fuzz::results().add(whole.bytes.data(), whole.bytes.size());
    const std::string body = body_of(whole.bytes);
    nlohmann::json json(nlohmann::json::value_t::discarded);
    try {
        json = nlohmann::json::parse(body);
    } catch (const nlohmann::json::out_of_range&) {
        return 0;  // a number that no double can hold is JSON
    } catch (const nlohmann::json::parse_error&) {
    }
    check(!json.is_discarded() && json.is_object(), "a body that is no JSON");
    // What the program said is what the body says; a member of extra_json may say it again.
    if ((flags & 64) == 0) {
        if (is_valid(model)) check(json.at("model") == std::string(model), "another model");
        if (is_valid(content) && content.data())
            check(json.at("messages").at(0).at("content") == std::string(content), "another text");
        check(json.at("messages").size() == 2, "another count of messages");
    }
    return 0;
}
