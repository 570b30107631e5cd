#pragma once
// The spine: the parts of the library in the order in which they stand in openai_stream.hpp.

#include "base/version.hpp"
#include "base/config.hpp"
#include "base/atomic.hpp"
#include "base/string_view.hpp"
#include "base/words.hpp"
#include "base/buffer.hpp"
#include "base/error.hpp"
#include "base/ascii.hpp"
#include "base/utf8.hpp"
#include "base/scan.hpp"
#include "base/pieces.hpp"

#include "json/scanner.hpp"
#include "json/validator.hpp"
#include "json/integer.hpp"
#include "json/unescape.hpp"
#include "json/path_reader.hpp"
#include "json/writer.hpp"

#include "sse/line_decoder.hpp"
#include "sse/event_assembler.hpp"

#include "http/grammar.hpp"
#include "http/response_head.hpp"
#include "http/body_framing.hpp"
#include "http/chunked.hpp"
#include "http/response_parser.hpp"
#include "http/request_head.hpp"

#include "dialect/event.hpp"
#include "dialect/quirks.hpp"
#include "dialect/targets.hpp"
#include "dialect/errors.hpp"
#include "dialect/chat.hpp"
#include "dialect/text_pieces.hpp"
#include "dialect/value_store.hpp"
#include "dialect/outbox.hpp"
#include "dialect/learned_shape.hpp"
#include "dialect/event_reader.hpp"

#include "request/decimal.hpp"
#include "request/raw_json.hpp"
#include "request/endpoint.hpp"
#include "request/chat_request.hpp"
#include "request/body.hpp"

#include "io/transport.hpp"
#include "io/failure.hpp"
#include "io/stats.hpp"
#include "io/head_fields.hpp"
#include "io/exchange.hpp"
#include "io/stream.hpp"

#include "platform/socket.hpp"

#include "base/end.hpp"
