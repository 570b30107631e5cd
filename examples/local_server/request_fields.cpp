#include "request_fields.hpp"

#include "errors.hpp"
#include "limits.hpp"

#include <algorithm>
#include <cstdlib>

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

size_t count_of(const Json& value, const std::string& name, size_t least, size_t most, size_t otherwise) {
    if (value.kind == Json::Kind::null) return otherwise;
    const double number = value.kind == Json::Kind::number ? strtod(value.text.c_str(), nullptr) : -1;
    if (number < static_cast<double>(least) || number > static_cast<double>(most))
        throw bad_param(name, "must be a number from " + std::to_string(least) + " to " + std::to_string(most));
    return static_cast<size_t>(number);
}

std::vector<Message> messages_of(const Json& list, const std::string& name) {
    if (list.kind != Json::Kind::null && list.kind != Json::Kind::array)
        throw bad_param(name, "must be an array of messages");
    std::vector<Message> messages;
    for (const Json& item : list.items) {
        const std::string at = name + '[' + std::to_string(messages.size()) + "].";
        messages.push_back({string_of(item["role"], at + "role"), text_of(item["content"], at + "content")});
        Message& message = messages.back();
        message.role.resize(std::min(message.role.size(), max_name_bytes));
        message.text.resize(std::min(message.text.size(), max_message_bytes));
    }
    return messages;
}

void require_beta(const Request& request, const std::string& word) {
    if (request.header("openai-beta").find(word) != std::string::npos) return;
    throw ApiError{400, "This API is a beta: it wants the header 'OpenAI-Beta: " + word + "'.", "invalid_beta"};
}

}  // namespace local_server
