#include "request_fields.hpp"

#include "errors.hpp"
#include "limits.hpp"

namespace local_server {

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

std::string text_of(const Json& content, const std::string& name) {
    if (content.kind == Json::Kind::null || content.kind == Json::Kind::string) return content.text;
    if (content.kind != Json::Kind::array) throw bad_param(name, "must be a string or an array of parts");
    std::string text;
    for (const Json& part : content.items) text += part["text"].text + ' ';
    return text;
}

}  // namespace local_server
