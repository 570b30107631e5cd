// Views of memory that is gone before they are: clang warns in the lines that say so, and in no other
// (warnings.py compares).
#include "openai_stream.hpp"

#include <string>
#include <string_view>

namespace oai = openai_stream;

std::string make();
std::string_view somewhere();
void use(oai::StringView);

oai::StringView text_of_array() { char local[10] = "text"; return local; }                        // warns
oai::StringView text_of_pointer() { char local[10] = "text"; return {local, 4}; }                 // warns
oai::StringView text_of_string() { const std::string local = "text"; return local.c_str(); }      // warns
oai::Buffer memory_of_array() { char local[10]; return local; }                                   // warns
oai::Buffer memory_of_bytes() { unsigned char local[10]; return local; }                          // warns
oai::Buffer memory_of_pointer() { char local[10]; return {local, 10}; }                           // warns
oai::Span<int> elements() { int local[10]; return local; }                                        // warns
oai::Endpoint server() { char local[30] = "http://localhost/v1"; return oai::Endpoint(local); }   // warns
oai::ChatRequest request() { char local[10] = "text"; return {"local", local}; }                  // warns

void temporary() {
    const oai::StringView text = make().c_str();                                                  // warns
    use(text);
}

oai::StringView literal() { return "text"; }
oai::StringView same(oai::StringView text) { return text; }
oai::StringView lasting(const char* text) { return text; }
oai::StringView of_string(const std::string& text) { return text; }
oai::Buffer global() { static char memory[10]; return memory; }

struct Npc {
    std::string name = make();
    char memory[100] = {};
    oai::Buffer room = memory;
    oai::ChatRequest ask{"local", name};
};

void sound() {
    use(make().c_str());
    const oai::StringView text = "text";
    const oai::StringView found = somewhere();
    const std::string copy = text, other = make();
    const oai::StringView part = oai::StringView(other).take(2).drop(1);
    oai::ChatRequest ask("local", other);
    ask.prompt = part;
    oai::Endpoint server("http://localhost/v1", other);
    server.key = copy;
    char memory[100];
    const oai::Buffer buffer = memory;
    use(same({buffer.data, buffer.size}));
    use(found);
    const Npc npc;
    use(npc.ask.model);
}
