// The same where there is an operating system and a standard library.
#define OPENAI_STREAM_SOCKET
#include "openai_stream.hpp"

#include <iostream>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace oai = openai_stream;

oai::Transport use_socket(oai::Socket& socket) { return oai::transport_of(socket); }

void use_std(oai::StringView view, std::map<std::string, int>& map, std::vector<int>& numbers) {
    const std::string text = view;
    const std::string_view std_view = view;
    map[view] = 1;
    std::cout << view << text << std_view << (std_view == view) << (text == view);
    oai::Span<int> span = numbers;
    for (int& number : span) ++number;
}
