#pragma once
// A form as it goes over the wire (RFC 7578), taken apart by means that are not the library's.
#include "written.hpp"

#include <vector>

namespace written {

struct FormPart {
    std::string name, filename, type, content;
    bool is_file = false;
};

// The value of a parameter in quotes; `text` has it.
inline std::string parameter(const std::string& text, const std::string& name, bool& found) {
    const size_t at = text.find("; " + name + "=\"");
    found = at != std::string::npos;
    if (!found) return {};
    const size_t begin = at + name.size() + 4;
    return text.substr(begin, text.find('"', begin) - begin);
}

inline std::string boundary_of(const std::string& head) {
    const std::string before = "\r\nContent-Type: multipart/form-data; boundary=";
    const size_t at = head.find(before);
    REQUIRE_NE(at, std::string::npos);
    return head.substr(at + before.size(), head.find("\r\n", at + 2) - at - before.size());
}

// Each part, in their order. The boundary is in none of them.
inline std::vector<FormPart> parts_of(const Message& message) {
    const std::string boundary = boundary_of(message.head), line = "\r\n--" + boundary;
    REQUIRE_GT(boundary.size(), 0);
    REQUIRE_LE(boundary.size(), 70);  // RFC 2046 section 5.1.1
    const std::string all = "\r\n" + message.body;
    std::vector<FormPart> parts;
    size_t at = all.find(line);
    REQUIRE_EQ(at, 0);
    while (all.compare(at + line.size(), 2, "--") != 0) {
        REQUIRE_EQ(all.compare(at + line.size(), 2, "\r\n"), 0);
        const size_t head = at + line.size(), body = all.find("\r\n\r\n", head);
        const size_t end = all.find(line, body);
        REQUIRE_NE(body, std::string::npos);
        REQUIRE_NE(end, std::string::npos);
        const std::string fields = all.substr(head, body - head);
        FormPart part;
        bool is_named = false;
        part.name = parameter(fields, "name", is_named);
        part.filename = parameter(fields, "filename", part.is_file);
        REQUIRE(is_named);
        CHECK_NE(fields.find("\r\nContent-Disposition: form-data; "), std::string::npos);
        const std::string type = "\r\nContent-Type: ";
        if (part.is_file) part.type = fields.substr(fields.find(type) + type.size());
        part.content = all.substr(body + 4, end - body - 4);
        CHECK_EQ(part.content.find(boundary), std::string::npos);
        parts.push_back(part);
        at = end;
    }
    CHECK_EQ(all.substr(at + line.size()), "--\r\n");
    return parts;
}

template <class Request> std::vector<FormPart> parts_of(const Request& request) {
    const openai_stream::Endpoint endpoint("http://localhost");
    return parts_of(split(whole(endpoint, request)));
}

// As JSON: "a[b]" is {"a":{"b":...}}, "a[]" a list. Values are texts.
template <class Request> nlohmann::json form_as_json(const Request& request) {
    nlohmann::json all = nlohmann::json::object();
    for (const FormPart& part : parts_of(request)) {
        nlohmann::json* at = &all;
        std::string rest = part.name;
        while (!rest.empty()) {
            const size_t end = rest.find('[') == 0 ? rest.find(']') : rest.find('[');
            const std::string key = rest.substr(rest[0] == '[' ? 1 : 0, end - (rest[0] == '[' ? 1 : 0));
            rest = end == std::string::npos ? "" : rest.substr(rest[0] == '[' ? end + 1 : end);
            if (key.empty()) at = &(*at)[at->size()];
            else at = &(*at)[key];
        }
        *at = part.content;
    }
    return all;
}

}  // namespace written
