// Images: POST /v1/images/generations and /v1/images/edits. There is one picture, which is Lumen's lighthouse.
#pragma once

#include "http_reply.hpp"

namespace local_server {

void generate_image(const Request& request, Reply& reply);
void edit_image(const Request& request, Reply& reply);

}  // namespace local_server
