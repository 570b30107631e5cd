// Refused: static.*the Endpoint is a temporary
// The endpoint is read again while the request is written, whoever makes its body.
#include "support/header.hpp"

namespace oai = openai_stream;

oai::Error pair(oai::RequestWriter& writer, oai::BodySource body) {
#if defined(MUST_NOT_COMPILE)
    return writer.begin(oai::Endpoint("http://127.0.0.1:8080/v1"), "/chat/completions", body);
#else
    static const oai::Endpoint endpoint("http://127.0.0.1:8080/v1");
    return writer.begin(endpoint, "/chat/completions", body);
#endif
}
