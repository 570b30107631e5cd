#pragma once
// Why: an event may be read by comparing it with one that was parsed (EventTemplate) while all that decides how events
// are read is as it was then. So an event is learned if it has left the reader as it found it, and all that was learned
// is forgotten as soon as one has not. What the reader knows is compared by a hash of it.
#include "../base/buffer.hpp"
#include "../base/bytes.hpp"
#include "../json/path_reader.hpp"
#include "event_template.hpp"
#include "targets.hpp"

OPENAI_STREAM_BEGIN

namespace dialect {

// What of an event may change without changing what is read, said by the rules of its dialect.
struct Varying {
    uint32_t targets;           // bits of scalars that mean nothing now
    unsigned sequence = 0;      // the target of Event::sequence_number; 0: there is none
};

// The templates of one answer, with all that they need, in memory of the stream's buffer. Where size counts more than
// speed nothing is learned, and nothing of it is linked.
class EventTemplates {
public:
    constexpr EventTemplates() noexcept = default;

    // Where they lie, at least min_bytes; not owned.
    void use(Buffer memory) noexcept {
        const size_t gap = (0 - reinterpret_cast<uintptr_t>(memory.data)) & (alignof(Memory) - 1);
        memory_ = static_cast<Memory*>(static_cast<void*>(memory.data + gap));
        *memory_ = Memory();
        memory_->room = static_cast<uint16_t>(memory.size - gap - sizeof(Memory));
    }
    bool has_memory() const noexcept { return !detail::is_small_build && memory_; }

    // ---- an event that is like another one -------------------------------------------------------------------------

    // Between two events, of which the next one may_begin_with() what stands at `at`. If it matches a template,
    // matched() is that one, and found() what is in its holes.
    EventTemplate::Result match(const char* at, const char* end, const char* readable_end, unsigned boundary) noexcept {
        using Result = EventTemplate::Result;
        Memory& memory = *memory_;
        EventTemplate* one = memory.latest;
        if (memory.count != 0 && static_cast<size_t>(end - at) < one->fixed_size && !has_line_end(at, end))
            return Result::incomplete;
        Result best = Result::differs;
        for (unsigned tried = 0; tried != memory.count; ++tried, one = after(one)) {
            const Result result =
                one->boundary == boundary ? one->match(at, end, readable_end, memory.found) : Result::differs;
            if (result == Result::differs) continue;
            best = result;
            if (result == Result::incomplete) continue;
            ++memory.hits;
            memory.latest = memory.matched = one;
            memory.delivered = 0;
            break;
        }
        return best;
    }
    // (A comment, or a blank line.)
    static bool may_begin_with(char c) noexcept { return c != ':' && c != '\n' && c != '\r'; }
    static bool has_line_end(const char* at, const char* end) noexcept {
        return detail::scan::line_end(at, end) != end;
    }
    // The event at the end of what was received may match, when the rest of it has come.
    bool awaits() const noexcept { return has_memory() && memory_->awaits; }
    void set_awaits(bool awaits) noexcept {
        if (has_memory()) memory_->awaits = awaits;
    }
    // The template whose events are being delivered, or null.
    EventTemplate* matched() const noexcept { return has_memory() ? memory_->matched : nullptr; }
    const EventTemplate::Match& found() const noexcept { return memory_->found; }
    unsigned delivered() const noexcept { return memory_->delivered; }
    // One of its events has been delivered.
    void note_delivered() noexcept {
        if (++memory_->delivered == memory_->matched->event_count) memory_->matched = nullptr;
    }

    // ---- learning --------------------------------------------------------------------------------------------------

    // The event at `at` matches none, and may be learned. It is copied as it is now, before it is parsed where it lies.
    // Returns false if it is not there to its end, and is worth waiting for.
    bool begin(const char* at, const char* end, unsigned boundary) noexcept {
        Memory& memory = *memory_;
        memory.candidate = nullptr;
        if (memory.hits != 0) memory.misses = 0;
        const uint32_t credit = memory.credit + memory.hits;
        memory.credit = static_cast<uint8_t>(credit < patience ? credit : patience);
        memory.hits = 0;
        const bool is_tried = memory.misses < patience || memory.misses == 2 * patience - 1;
        const size_t size = is_tried ? size_of_event(at, end) : 0;
        if (is_tried && size == 0) return false;
        if (++memory.misses == 2 * patience) memory.misses = patience;  // they are all different: tries now and then
        if (!is_tried) return true;
        if (room_for_bytes() < size) {  // while those that are there match often, they are worth more than this one
            if (memory.credit != 0) return --memory.credit, true;
            forget();
        }
        const size_t room = room_for_bytes();
        memory.candidate = new_template();
        *memory.candidate = EventTemplate();
        memory.candidate->boundary = static_cast<uint8_t>(boundary);
        memory.begin = at;
        memory.copied = static_cast<uint16_t>(size < room ? size : room);
        detail::move_bytes(memory.candidate->bytes(), at, memory.copied);
        return true;
    }
    // What came is not there as a whole, or not to be learned.
    void drop() noexcept {
        if (has_memory()) memory_->candidate = nullptr;
    }
    // It ended at `end`, where lines are at `boundary`; its data, which is read by this table, is `data`.
    void note_data(const char* end, unsigned boundary, StringView data, const json::Context* contexts,
                   uint8_t root) noexcept {
        if (!has_memory() || !memory_->candidate) return;
        EventTemplate& candidate = *memory_->candidate;
        const auto size = static_cast<size_t>(end - memory_->begin), first = offset_of(data.data());
        const bool is_learnable = size <= memory_->copied && boundary == candidate.boundary && first < size &&
                                  data.size() <= size - first && is_one_line(candidate.bytes() + first, data.size());
        if (!is_learnable) return drop();
        candidate.size = candidate.fixed_size = static_cast<uint16_t>(size);
        candidate.data_size = static_cast<uint16_t>(data.size());
        memory_->data = static_cast<uint16_t>(first);
        memory_->contexts = contexts;
        memory_->root = root;
    }
    // It is about to be read.
    void note_quirks(const Quirks& counted) noexcept {
        if (has_memory()) memory_->quirks = counted;
    }
    // It has made this event for the program.
    void note_event(const Event& event) noexcept {
        if (has_memory() && memory_->candidate && !keep_event(event)) drop();
    }
    // It was read without a fault, and there is memory. What the reader knows now, in these bytes and those, decides
    // how others are read.
    void learn(const Varying& varying, StringView knows, StringView knows_besides, const Quirks& counted) noexcept {
        const uint32_t state = hashed(knows_besides, hashed(knows, 1));
        const bool is_same = state == memory_->state;
        memory_->state = state;
        if (!is_same) forget();
        EventTemplate* const candidate = memory_->candidate;
        memory_->candidate = nullptr;
        if (!is_same || !candidate || candidate->event_count == 0 || !find_holes(*candidate, varying)) return;
        if (!candidate->keep_quirks(memory_->quirks, counted)) return;
        memory_->used = static_cast<uint16_t>(memory_->used + candidate->used_bytes());
        memory_->latest = candidate;
        ++memory_->count;
    }

private:
    static constexpr unsigned patience = 16;

    // What lies at the beginning of the memory; the templates lie after it.
    struct alignas(Event) Memory {
        uint32_t state = 0;  // what the reader knew when they were learned
        uint16_t room = 0;   // bytes for templates
        uint16_t used = 0;
        uint8_t count = 0;
        uint8_t misses = 0;  // events in a row
        uint8_t credit = patience;  // of the templates: events that matched less events that did not
        uint32_t hits = 0;          // the former, since the last of the latter
        uint8_t delivered = 0;
        uint8_t root = 0;
        bool awaits = false;
        EventTemplate* latest = nullptr;  // that matched, or was learned
        EventTemplate* matched = nullptr;
        EventTemplate::Match found;
        Quirks quirks;  // before the event that is read
        // About the event that may be learned: a template that is not counted yet.
        EventTemplate* candidate = nullptr;  // null: none
        const char* begin = nullptr;         // where it was received
        const json::Context* contexts = nullptr;
        uint16_t copied = 0;
        uint16_t data = 0;  // where its data begins
        uint16_t text = 0;  // and its text
    };

public:
    static constexpr size_t min_bytes = alignof(Memory) + sizeof(Memory) + sizeof(EventTemplate) + sizeof(Event) + 200;

private:
    char* templates() const noexcept { return static_cast<char*>(static_cast<void*>(memory_ + 1)); }
    EventTemplate* template_at(size_t place) const noexcept {
        return static_cast<EventTemplate*>(static_cast<void*>(templates() + place));
    }
    EventTemplate* new_template() const noexcept { return template_at(memory_->used); }
    EventTemplate* after(EventTemplate* one) const noexcept {
        const size_t next = static_cast<size_t>(static_cast<char*>(static_cast<void*>(one)) - templates()) +
                            one->used_bytes();
        return template_at(next == memory_->used ? 0 : next);
    }
    // Of the event that may be learned, if one event for the program follows them.
    size_t room_for_bytes() const noexcept {
        const size_t left = static_cast<size_t>(memory_->room - memory_->used);
        constexpr size_t others = sizeof(EventTemplate) + sizeof(Event) + alignof(Event);
        return left > others ? left - others : 0;
    }
    void forget() noexcept {
        memory_->credit = patience;
        memory_->count = 0;
        memory_->used = 0;
        if (memory_->candidate && memory_->candidate != new_template()) memory_->candidate = nullptr;
    }
    size_t offset_of(const char* at) const noexcept { return static_cast<size_t>(at - memory_->begin); }
    static bool is_one_line(const char* at, size_t size) noexcept { return !has_line_end(at, at + size); }
    // In bytes, with its blank line; 0: that is not there.
    static size_t size_of_event(const char* const begin, const char* end) noexcept {
        for (const char* at = begin;;) {
            at = detail::scan::line_end(at, end);
            if (end - at >= 2 && *at == '\r' && at[1] == '\n') ++at;
            if (end - at < 2) return 0;
            ++at;
            if (*at != '\n' && *at != '\r') continue;
            if (*at == '\r' && end - at >= 2 && at[1] == '\n') ++at;
            return static_cast<size_t>(at + 1 - begin);
        }
    }

    static bool is_learnable(EventKind kind) noexcept {
        return kind == EventKind::role || kind == EventKind::tool_call || kind == EventKind::usage || has_text(kind);
    }
    // Its text is one that the server sends in pieces.
    static bool has_text(EventKind kind) noexcept {
        return kind == EventKind::text || kind == EventKind::reasoning || kind == EventKind::refusal ||
               kind == EventKind::tool_arguments || kind == EventKind::code || kind == EventKind::transcript;
    }
    bool keep_event(const Event& event) noexcept {
        EventTemplate& candidate = *memory_->candidate;
        const bool is_text = has_text(event.kind);
        const size_t needed = candidate.used_bytes() + sizeof(Event);
        if (!is_learnable(event.kind) || event.more || event.provisional || candidate.size == 0 ||
            candidate.event_count == EventTemplate::max_events || needed > size_t{memory_->room} - memory_->used)
            return false;
        Event& kept = candidate.events()[candidate.event_count];
        kept = event;
        if (is_text) {
            const size_t place = offset_of(event.text.data());
            if (candidate.text_event != EventTemplate::no_text || event.text.empty() || place >= candidate.size)
                return false;
            memory_->text = static_cast<uint16_t>(place);
            candidate.text_event = candidate.event_count;
            kept.text = StringView();
        }
        ++candidate.event_count;
        return show_kept(kept.text) && show_kept(kept.id) && show_kept(kept.name) && show_kept(kept.item_id);
    }
    // A view of the event's bytes becomes one of their copy. Returns false if they are not what they were.
    bool show_kept(StringView& view) const noexcept {
        EventTemplate& candidate = *memory_->candidate;
        const size_t place = offset_of(view.data());
        if (!view.data() || place >= candidate.size) return true;  // static, then
        const char* const copy = candidate.bytes() + place;
        if (view.size() > candidate.size - place || memcmp(copy, view.data(), view.size()) != 0) return false;
        view = StringView(copy, view.size());
        return true;
    }

    // A key that the table does not know is one whose value may be any. (There is no target of that number.)
    struct EveryKey {
        static constexpr bool sees_all = true;
        static constexpr json::TableRow unknown{0, 0xFF, opaque, json::ReadMode::raw};
        static const json::TableRow* key(const json::TableRow* row, StringView) noexcept {
            return row ? row : &unknown;
        }
        static const json::TableRow* element(unsigned) noexcept { return nullptr; }
        static const json::TableRow* element(unsigned, uint8_t) noexcept { return nullptr; }
        static void begin(bool, bool) noexcept {}
    };
    // Reads the data once more, by the same table. Returns false if it cannot be a template.
    OPENAI_STREAM_NOINLINE bool find_holes(EventTemplate& candidate, const Varying& varying) const noexcept {
        const char* const data = candidate.bytes() + memory_->data;
        json::PathReader paths;
        paths.begin(memory_->contexts, memory_->root, nullptr);
        paths.set_input(data, data + candidate.data_size);
        EveryKey every_key;
        bool has_text = candidate.text_event == EventTemplate::no_text, has_sequence = false;
        bool has_usage = false;
        for (unsigned number = 0; number != candidate.event_count; ++number)
            if (candidate.events()[number].kind == EventKind::usage) has_usage = true;
        size_t begin = 0;  // of the value, in the event
        while (true) {
            const json::StepKind step = paths.next(every_key);
            if (step == json::StepKind::need_more) return has_text;
            if (step == json::StepKind::failed) return false;
            const json::TableRow* const row = paths.row();
            if (step == json::StepKind::enter && row && json::has(row->mode, json::ReadMode::raw)) {
                begin = static_cast<size_t>(paths.at() - 1 - candidate.bytes());
                paths.skip(row);
            }
            if (step == json::StepKind::enter || !row) continue;
            const bool is_unknown = row == &EveryKey::unknown, is_string = step == json::StepKind::text;
            const bool is_number = step == json::StepKind::number;
            int64_t value = 0;
            const StringView text = paths.text();
            if (step != json::StepKind::exit) begin = static_cast<size_t>(text.data() - candidate.bytes());
            const auto end = static_cast<size_t>(text.end() - candidate.bytes());
            Hole hole = {static_cast<uint16_t>(begin), static_cast<uint16_t>(end - begin),
                         is_string ? Hole::Kind::string : Hole::Kind::number, row->target};
            bool is_open = true;
            if (is_string && candidate.text_event != EventTemplate::no_text && begin == memory_->text) {
                hole.kind = Hole::Kind::text;
                has_text = true;
            } else if (is_unknown) {
                hole.kind = Hole::Kind::value;
                if (is_string) --hole.begin, hole.size = static_cast<uint16_t>(hole.size + 2);
                is_open = false;
            } else if (!is_string && (!is_number || !json::to_integer(text.begin(), text.end(), value) || value < 0)) {
                continue;
            } else if (is_number && row->target == varying.sequence) {
                if (has_sequence) return false;
                has_sequence = true;
                hole.kind = Hole::Kind::sequence;
            } else if (is_number && has_usage && row->target >= prompt_tokens && row->target <= reasoning_tokens) {
                hole.kind = Hole::Kind::count;
                candidate.has_counts = true;
            } else if (row->target < 32 && (varying.targets & bit_of(row->target)) != 0) {
                is_open = false;
            } else {
                continue;
            }
            if (candidate.hole_count == EventTemplate::max_holes) {
                if (is_open) return false;
                continue;
            }
            if (is_open) candidate.open_hole(candidate.hole_count);
            candidate.holes[candidate.hole_count++] = hole;
            candidate.fixed_size = static_cast<uint16_t>(candidate.fixed_size - hole.size);
        }
    }

    // FNV-1a, a word at a time.
    static uint32_t hashed(StringView bytes, uint32_t hash) noexcept {
        constexpr uint32_t prime = 16777619;
        const char* at = bytes.begin();
        for (uint32_t word; static_cast<size_t>(bytes.end() - at) >= sizeof word; at += sizeof word) {
            memcpy(&word, at, sizeof word);
            hash = (hash ^ word) * prime;
            hash ^= hash >> 15;
        }
        for (; at != bytes.end(); ++at) hash = (hash ^ static_cast<unsigned char>(*at)) * prime;
        return hash;
    }

    Memory* memory_ = nullptr;
};

}  // namespace dialect

OPENAI_STREAM_END
