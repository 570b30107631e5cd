#include "structured.hpp"

#include "errors.hpp"
#include "limits.hpp"
#include "text.hpp"

namespace local_server {
namespace {

// Schemas are the client's: what lies deeper is left out.
constexpr unsigned max_schema_depth = 8;

// What a schema calls its type; the first one that is not null of several.
std::string type_of(const Json& schema) {
    for (const Json& type : schema["type"].items)
        if (type.text != "null") return type.text;
    if (schema["type"].kind == Json::Kind::string) return schema["type"].text;
    return schema["properties"].kind == Json::Kind::object ? "object" : "string";
}

class Writer {
public:
    Writer(const std::string& text, size_t max_bytes) : text_(text), max_bytes_(max_bytes) {}

    std::string object(const Json& schema, unsigned depth) const {
        std::string members;
        const Json& properties = schema["properties"];
        for (size_t at = 0; at < properties.keys.size() && depth < max_schema_depth; ++at) {
            if (properties.keys[at].size() > max_name_bytes || members.size() > max_bytes_) continue;
            members += (members.empty() ? "" : ",") + quote(properties.keys[at]) + ':';
            members += value(properties.items[at], depth + 1);
        }
        return '{' + members + '}';
    }

private:
    std::string value(const Json& schema, unsigned depth) const {
        const std::vector<Json>& choices = schema["enum"].items;
        const std::string type = type_of(schema);
        if (!choices.empty()) {  // another text, another choice
            const Json& choice = choices[count_tokens(text_) % choices.size()];
            if (choice.kind == Json::Kind::string) return quote(choice.text.substr(0, max_name_bytes));
        }
        if (type == "integer" || type == "number") return "1";
        if (type == "boolean") return "true";
        if (type == "null") return "null";
        if (type == "array" && depth == max_schema_depth) return "[]";
        if (type == "array") return '[' + value(schema["items"], depth + 1) + ']';
        return type == "object" ? object(schema, depth) : quote(text_);
    }

    const std::string& text_;
    const size_t max_bytes_;
};

}  // namespace

std::string object_for(const Json& schema, const std::string& text, size_t max_bytes) {
    return Writer(text, max_bytes).object(schema, 0);
}

std::string structured(const std::string& text, const Json& format, const std::string& name) {
    const std::string& type = format["type"].text;
    if (format.kind == Json::Kind::null || type == "text") return text;
    if (type == "json_object") return "{\"answer\":" + quote(text) + '}';
    if (type != "json_schema") throw bad_param(name + ".type", "must be text, json_object or json_schema");
    const Json& inner = format["json_schema"];
    const Json& schema = (inner.kind == Json::Kind::object ? inner : format)["schema"];
    if (type_of(schema) != "object") throw bad_param(name, "must have a schema of type object");
    return object_for(schema, text, max_structured_bytes);
}

}  // namespace local_server
