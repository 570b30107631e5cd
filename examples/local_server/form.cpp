#include "form.hpp"

#include "errors.hpp"
#include "limits.hpp"
#include "text.hpp"

#include <algorithm>

namespace local_server {
namespace {

[[noreturn]] void refuse(const std::string& complaint) {
    throw ApiError{400, "The body is not a form: " + complaint + '.', "invalid_form"};
}

// The value of `name="value"` or `name=value` in a header; "" if it has none.
std::string parameter(const std::string& header, const std::string& name) {
    const size_t at = header.find("; " + name + '=');
    if (at == std::string::npos) return "";
    const std::string rest = header.substr(at + name.size() + 3);
    return rest[0] == '"' ? before(rest.substr(1), "\"") : before(rest, ";");
}

}  // namespace

Form::Form(const Request& request) {
    const std::string type = request.header("content-type");
    if (lower(type).compare(0, 19, "multipart/form-data") != 0) refuse("its Content-Type is no multipart/form-data");
    const std::string boundary = parameter(type, "boundary");
    if (boundary.empty() || boundary.size() > 70) refuse("its Content-Type has no boundary");
    const std::string line = "\r\n--" + boundary;
    const std::string_view body = request.body;
    if (body.substr(0, line.size() - 2) != line.substr(2)) refuse("it does not begin with its boundary");
    for (size_t at = line.size() - 2; body.substr(at, 2) != "--";) {
        const size_t head = at + 2, head_end = body.find("\r\n\r\n", at), end = body.find(line, head_end);
        if (body.substr(at, 2) != "\r\n") refuse("a boundary does not end its line");
        if (head_end == body.npos || end == body.npos || end < head_end + 4) refuse("a part has no end");
        if (head_end - at > max_head_bytes || parts_.size() == max_form_parts) refuse("it has too much of a kind");
        FormPart part;
        for (size_t from = head; from < head_end; from = std::min(body.find("\r\n", from), head_end) + 2) {
            const std::string field(body.substr(from, std::min(body.find("\r\n", from), head_end) - from));
            if (lower(field).compare(0, 20, "content-disposition:") != 0) continue;
            part.name = parameter(field, "name").substr(0, max_name_bytes);
            part.is_file = field.find("; filename=") != std::string::npos;
            part.filename = parameter(field, "filename").substr(0, max_name_bytes);
        }
        part.content = body.substr(head_end + 4, end - head_end - 4);
        parts_.push_back(part);
        at = end + line.size();
    }
}

const FormPart* Form::find(const std::string& name) const {
    for (const FormPart& part : parts_)
        if (part.name == name || part.name == name + "[]") return &part;
    return nullptr;
}

std::string Form::text(const std::string& name) const {
    const FormPart* const part = find(name);
    return part ? std::string(part->content) : "";
}

const FormPart& Form::file(const std::string& name) const {
    const FormPart* const part = find(name);
    if (!part) throw missing_param(name);
    if (!part->is_file || part->content.empty()) throw bad_param(name, "must be a file that is not empty");
    return *part;
}

}  // namespace local_server
