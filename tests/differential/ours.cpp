// What this library makes of the inputs of witness.py: "SIZE\n" and so many bytes, again and again, on standard input;
// a line of words for each on standard output. Texts are in hexadecimal digits.
#include "../support/header.hpp"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

namespace oai = openai_stream;

namespace {

void hex(oai::StringView text) {
    for (const char c : text) std::printf("%02x", static_cast<unsigned>(static_cast<unsigned char>(c)));
}

// "refused", "cut off" or "STATUS BODY", and " +" if more came than that.
void http(const std::string& input) {
    oai::http::ResponseParser parser;
    std::string body;
    const char* at = input.data();
    const char* const end = at + input.size();
    oai::http::ParseEvent event = oai::http::ParseEvent::need_more;
    do {
        event = parser.next(at, end);
        at = parser.at();
        if (event == oai::http::ParseEvent::body) body += std::string(parser.text());
    } while (event != oai::http::ParseEvent::need_more && event != oai::http::ParseEvent::end &&
             event != oai::http::ParseEvent::failed);
    if (event == oai::http::ParseEvent::need_more) event = parser.finish();
    if (event != oai::http::ParseEvent::end) {
        const bool is_cut = parser.error() == oai::Error::truncated || parser.error() == oai::Error::no_response;
        std::printf(is_cut ? "cut off" : "refused");
    } else {
        std::printf("%u ", static_cast<unsigned>(parser.status()));
        hex(body);
        if (at != end) std::printf(" +");
    }
}

// "TYPE DATA ID;" for each event.
void sse(std::string input) {
    std::vector<char> names(4 * 4096);
    oai::sse::EventAssembler assembler(names.data(), 4096);
    assembler.set_strict();
    oai::JoinedText data;
    const char* at = &input[0];
    const char* const end = at + input.size();
    while (true) {
        const oai::sse::Progress progress = assembler.next(at, end, data);
        at = assembler.at();
        if (progress == oai::sse::Progress::comment) continue;
        if (progress != oai::sse::Progress::event) break;
        hex(assembler.type());
        std::printf(" ");
        hex(data.view());
        std::printf(" ");
        hex(assembler.last_event_id());
        std::printf(";");
    }
}

}  // namespace

int main(int count, char** arguments) {
    const std::string what = count > 1 ? arguments[1] : "";
    unsigned long size = 0;
    while (std::scanf("%lu", &size) == 1) {
        std::getchar();
        std::string input(size, '\0');
        if (size != 0 && std::fread(&input[0], 1, size, stdin) != size) return 1;
        if (what == "http") http(input);
        else if (what == "sse") sse(input);
        else std::printf(oai::json::is_valid(input) ? "valid" : "refused");
        std::printf("\n");
    }
    return 0;
}
