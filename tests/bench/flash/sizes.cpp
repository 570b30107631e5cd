// The sizes of the public types: each is the size of an object named after it.
#include BENCH_HEADER

using namespace openai_stream;

#define BENCH_SIZE(type, name) extern const char size_of_##name[sizeof(type)]; const char size_of_##name[sizeof(type)] = {1}

BENCH_SIZE(Stream, Stream);
BENCH_SIZE(Exchange, Exchange);
BENCH_SIZE(Timeouts, Timeouts);
BENCH_SIZE(RetryPolicy, RetryPolicy);
BENCH_SIZE(Collector, Collector);
BENCH_SIZE(detail::collected::Record, detail__collected__Record);
BENCH_SIZE(Event, Event);
BENCH_SIZE(SseEvent, SseEvent);
BENCH_SIZE(Failure, Failure);
BENCH_SIZE(Transport, Transport);
BENCH_SIZE(Endpoint, Endpoint);
BENCH_SIZE(ChatRequest, ChatRequest);
BENCH_SIZE(ChatOptions, ChatOptions);
BENCH_SIZE(Message, Message);
BENCH_SIZE(ContentPart, ContentPart);
BENCH_SIZE(Tool, Tool);
BENCH_SIZE(ToolCall, ToolCall);
BENCH_SIZE(Stats, Stats);
BENCH_SIZE(Quirks, Quirks);
BENCH_SIZE(RequestWriter, RequestWriter);
BENCH_SIZE(detail::BodyReader, detail__BodyReader);
BENCH_SIZE(detail::HeadFields, detail__HeadFields);
BENCH_SIZE(TransferStats, TransferStats);
BENCH_SIZE(dialect::PendingEvents, dialect__PendingEvents);
BENCH_SIZE(dialect::ValueStore, dialect__ValueStore);
BENCH_SIZE(dialect::EventTemplates, dialect__EventTemplates);
BENCH_SIZE(http::ResponseParser, http__ResponseParser);
BENCH_SIZE(sse::LineDecoder, sse__LineDecoder);
BENCH_SIZE(sse::EventAssembler, sse__EventAssembler);
BENCH_SIZE(json::Scanner, json__Scanner);
BENCH_SIZE(json::PathReader, json__PathReader);
BENCH_SIZE(dialect::DocumentReader, dialect__DocumentReader);
BENCH_SIZE(FieldStream, FieldStream);
BENCH_SIZE(ThinkSplitter, ThinkSplitter);
BENCH_SIZE(Utf8Hold, Utf8Hold);
BENCH_SIZE(Typewriter, Typewriter);
BENCH_SIZE(WordWrap, WordWrap);
BENCH_SIZE(SentenceCutter, SentenceCutter);
