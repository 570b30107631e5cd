// Chat Completions with everything that few ask for, named fields, and a Collector in little memory beside one in much.
// An input may choose the Responses API instead, which the Collector reads, too.
#include "exchange.hpp"

namespace {

namespace oai = openai_stream;
using fuzz::check;

constexpr oai::FieldPath fields[] = {"object", "x_groq", "timings.a", "choices[].stop_reason", "choices[].delta.a",
                                    "usage.prompt_tokens_details", "list[]", "choices[].index"};

uint64_t digest(const oai::MessageParts& parts, oai::Buffer memory) {
    fuzz::Digest all;
    for (const oai::MessagePart& part : parts) {
        for (const oai::StringView view : {part.text, part.id, part.name, part.type, part.item_id}) {
            fuzz::check_view(view, memory, "a view of a part is outside the Collector's memory");
            all.add(view);
        }
        for (const int64_t number :
             {int64_t{static_cast<int>(part.kind)}, int64_t{part.choice}, int64_t{part.output_index},
              int64_t{part.content_index},
              int64_t{part.is_summary + 2 * part.is_finished + 4 * part.is_guessed + 8 * part.has_invalid_json +
                      16 * part.was_repeated + 32 * part.has_generated_id}})
            all.add(number);
        check(!part.can_run() || part.kind == oai::EventKind::tool_call, "a text can run");
    }
    return all.value();
}

struct Collected {
    uint64_t message = 0;
    fuzz::Outcome outcome;
};

// What is in little memory is a beginning of what is in much.
void check_prefix(const oai::MessageParts& little, const oai::MessageParts& much) {
    auto other = much.begin();
    for (const oai::MessagePart& part : little) {
        check(other != much.end(), "the small Collector has a part that the large one has not");
        const oai::MessagePart whole = *other;
        ++other;
        check(part.kind == whole.kind, "a part is of another kind");
        // (What comes after its end, when the small one takes nothing more, makes the call of the large one a guess.)
        check(!part.can_run() || part.text == whole.text || whole.is_guessed,
              "a call can run that lacks some of its arguments");
        // "{}" is replaced by the arguments that come after it, where there is room for them: also by "{" alone.
        if (part.kind == oai::EventKind::tool_call && part.text == oai::StringView("{}", 2)) continue;
        check(part.text.size() <= whole.text.size(), "a part is not a beginning");
        if (!part.text.empty() && memcmp(part.text.data(), whole.text.data(), part.text.size()) != 0)
            fuzz::fail("a text of the small Collector is not a beginning of that of the large one");
    }
}

Collected collect(bool is_chat, fuzz::Bytes script, size_t buffer_bytes, size_t small_bytes, uint8_t cut) {
    const oai::Buffer memory = fuzz::memory_of(buffer_bytes), much = fuzz::memory_of(8192, 1),
                      little = fuzz::memory_of(small_bytes, 2);
    oai::ExtraEvents extras(fields);
    oai::Exchange exchange(memory);
    const oai::Api body = is_chat ? oai::Api(extras) : oai::Api::responses;
    check(exchange.begin_body(body, 200, "text/event-stream") == oai::Error::none, "begin() failed");
    oai::Collector message(much), small(little);
    Collected result;
    fuzz::Cuts cuts(cut);
    oai::Event event;
    oai::Error first = oai::Error::none;
    size_t texts = 0;
    oai::Poll said;
    const size_t most_turns = 400 + 30 * script.size;
    for (size_t turns = 0; true; ++turns) {
        check(turns < most_turns, "more turns than the bytes explain");
        said = (exchange.poll)(event);
        if (said == oai::Poll::event) {
            result.outcome.story.add(event, memory);
            if (event.kind == oai::EventKind::text || event.kind == oai::EventKind::reasoning ||
                event.kind == oai::EventKind::refusal)
                texts += event.text.size();
            message.add(event);
            const oai::Error error = small.add(event);
            check(first == oai::Error::none || error == first, "an error of the Collector went away");
            first = error;
            digest(small.just_finished(), little);
            continue;
        }
        if (said != oai::Poll::pending) break;
        if (script.size == 0) {
            exchange.ended();
            continue;
        }
        const oai::Buffer room = exchange.incoming();
        check(room.size != 0 && room.size <= buffer_bytes, "no room, or more than there is");
        size_t count = cuts.next();
        if (count > room.size) count = room.size;
        if (count > script.size) count = script.size;
        memcpy(room.data, script.data, count);
        exchange.received(count);
        script.data += count;
        script.size -= count;
    }
    message.end(exchange.verdict());
    small.end(exchange.verdict());
    if (small.error() == oai::Error::none || small.error() == first) {
        if (message.error() == oai::Error::none && small.error() != oai::Error::none)
            check_prefix(small.parts(), message.parts());
    }
    result.message = digest(message.parts(), much);
    digest(small.parts(), little);
    if (message.error() == oai::Error::none) {
        size_t kept = 0;
        for (const oai::MessagePart& part : message.parts())
            if (part.kind != oai::EventKind::tool_call) {
                kept += part.text.size();
                check(fuzz::is_utf8(part.text), "a collected text is not UTF-8");
            }
        check(kept == texts, "a text was lost or doubled in the Collector");
    }
    // Joined texts, and what goes back to the server.
    for (oai::Collector* one : {&message, &small}) {
        const oai::Buffer where = one == &message ? much : little;
        for (size_t at = 0; at != one->choice_count() && at != 3; ++at) {
            const int32_t choice = one->choice_at(at);
            for (const oai::StringView view : {one->text(choice), one->reasoning(choice), one->refusal(choice)})
                fuzz::check_view(view, where, "a text is outside the Collector's memory");
            const oai::Message back = one->as_message(choice);
            fuzz::check_view(back.content, where, "a message's text is outside the Collector's memory");
            for (const oai::ToolCall& call : back.tool_calls)
                for (const oai::StringView view : {call.id, call.name, call.arguments})
                    fuzz::check_view(view, where, "a call is outside the Collector's memory");
        }
    }
    for (const oai::Buffer one : {memory, much, little}) fuzz::check_front(one);
    result.outcome.said = said;
    result.outcome.error = exchange.error();
    result.outcome.verdict = exchange.verdict();
    if (fuzz::shows())
        std::fprintf(stderr, "-- %zu: %s, verdict %d, largest event %u\n", buffer_bytes,
                     oai::describe(exchange.error()), static_cast<int>(exchange.verdict()),
                     static_cast<unsigned>(exchange.stats().largest_event_bytes));
    const oai::Quirks quirks = exchange.quirks();
    fuzz::Digest counted;
    counted.add(&quirks, sizeof quirks);
    result.outcome.quirks = counted.value();
    result.outcome.largest = exchange.stats().largest_event_bytes;
    result.outcome.is_early = result.outcome.story.is_early || quirks.has(oai::Quirk::provisional_piece);
    if (!result.outcome.is_early && !fuzz::is_capacity(result.outcome.error)) {
        fuzz::results().add(static_cast<int64_t>(result.outcome.story.value()));
        fuzz::results().add(int64_t{static_cast<int>(result.outcome.error)});
    }
    return result;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    static const size_t small_sizes[] = {64, 161, 256, 500, 777, 1024};
    static char script[3000];
    fuzz::Input input(data, size);
    const uint8_t flags = input.byte(), place = input.byte(), cut = input.byte();
    const fuzz::Bytes bytes = {script, fuzz::expand(input, script, sizeof script)};
    const bool is_chat = (flags & 0x0C) != 0x0C, same_size = (cut & 0x80) == 0;
    const size_t buffer_bytes = fuzz::buffer_size(place), small_bytes = small_sizes[(flags >> 4) % 6];
    const Collected one = collect(is_chat, bytes, buffer_bytes, small_bytes, static_cast<uint8_t>((cut & 0x7F) | 1));
    const size_t other_bytes = same_size ? buffer_bytes : fuzz::other_size(buffer_bytes, is_chat);
    const Collected other = collect(is_chat, bytes, other_bytes, small_bytes, 0);
    if (!fuzz::has_late_type(bytes)) fuzz::compare(one.outcome, other.outcome, false);
    // The same events make the same message.
    if (!one.outcome.is_early && !other.outcome.is_early && one.outcome.error == other.outcome.error &&
        one.outcome.story.value() == other.outcome.story.value() && !fuzz::is_of_unfinished(one.outcome.error))
        check(one.message == other.message, "the message depends on how the bytes arrive");
    if (is_chat) {
        oai::ExtraEvents extras(fields);
        fuzz::read_document(extras, false, bytes, cut);
    }
    return 0;
}
