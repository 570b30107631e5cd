// Client, which uses the standard library.
#define OPENAI_STREAM_CLIENT
#include "openai_stream.hpp"

#if defined(OPENAI_STREAM_SOCKET)
#error "Client brings a Socket, and no macro of it outlives the header"
#endif

namespace oai = openai_stream;

bool ask(oai::Client& chat, std::string& text) {
    chat.tool("get_time", "The time", "{}", [](const oai::ToolArguments& in) { return in["city"] + in["$.list[0]"]; });
    chat.tool("get_words", "", "", [](std::string_view json) { return std::string(json); });
    chat.on_event = [&](const oai::Event& event) { text += event.name; };
    if (!chat.start("Hi", [&](std::string_view piece) { text += piece; })) return false;
    while (chat.poll() == oai::Poll::pending) {}
    return chat.ask("And?");
}
