// Forms (multipart/form-data, RFC 7578): what a request has whose body is no JSON, because there are files in it.
#pragma once

#include "http_request.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace local_server {

struct FormPart {
    std::string name;
    std::string filename;  // of a file
    bool is_file = false;
    std::string_view content;
};

// The parts of a request's body, which must outlive it.
class Form {
public:
    // Throws an ApiError that says where the body stops being a form.
    explicit Form(const Request& request);

    // The first part of that name, also as "name[]"; null if there is none.
    const FormPart* find(const std::string& name) const;
    std::string text(const std::string& name) const;
    // A file that must be there.
    const FormPart& file(const std::string& name) const;

private:
    std::vector<FormPart> parts_;
};

}  // namespace local_server
