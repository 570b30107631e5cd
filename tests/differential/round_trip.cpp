// What the next request says of an answer's items: "SIZE\n" and so many bytes of an answer's body, again and again, on
// standard input; "SIZE\n" and the body of that request, for each, on standard output. The argument is the size of the
// buffer.
#include "../support/header.hpp"

#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

namespace oai = openai_stream;

namespace {

std::string next_request(const std::string& answer, size_t buffer_bytes) {
    std::vector<char> memory(buffer_bytes), said(4 * answer.size() + 4096);
    oai::Collector message(oai::Buffer(said.data(), said.size()));
    oai::Exchange exchange(oai::Buffer(memory.data(), memory.size()));
    exchange.begin_body(oai::Api(oai::whole_items), 200, "text/event-stream");
    const auto take = [&](const oai::Event& event) { message.add_with_item(event); };
    const oai::StringView body_of_answer(answer);
    for (size_t at = 0; at < answer.size(); at += 1000) exchange.feed(body_of_answer.drop(at).take(1000), take);
    exchange.finish(take);
    message.end(exchange.verdict());
    const oai::ResponseRequest ask("m", message.as_items());
    oai::RequestWriter writer;
    std::string body;
    char window[256];
    if (message.error() != oai::Error::none || writer.begin_body(ask) != oai::Error::none) return body;
    while (const size_t count = (writer.write)(window, sizeof window)) body.append(window, count);
    return body;
}

}  // namespace

int main(int count, char** arguments) {
    const size_t buffer_bytes = count > 1 ? std::strtoul(arguments[1], nullptr, 10) : 4096;
    unsigned long size = 0;
    while (std::scanf("%lu", &size) == 1) {
        std::getchar();
        std::string answer(size, '\0');
        if (size != 0 && std::fread(&answer[0], 1, size, stdin) != size) return 1;
        const std::string body = next_request(answer, buffer_bytes);
        std::printf("%zu\n%s\n", body.size(), body.c_str());
    }
    return 0;
}
