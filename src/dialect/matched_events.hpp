#pragma once
// Why: what an event says that matches a template must have the same effect as if it had been parsed: the text is
// decoded by the same decoder, tokens are counted by the same rule, and what outlives an event is what must not differ.
#include "error_reader.hpp"
#include "event_templates.hpp"

OPENAI_STREAM_BEGIN

namespace dialect {

class MatchedEvents : public ErrorReader {
public:
    // What it has learned of the events of its answer: by whoever has them as they were sent.
    EventTemplates templates;

    // Takes what an event says that matches a template; next_matched() delivers it.
    void take_matched() noexcept {
        EventTemplate& matched = *templates.matched();
        const EventTemplate::Match& found = templates.found();
        if (matched.text_event != EventTemplate::no_text && (!found.is_plain || text.holds_half())) {
            const Event& event = matched.events()[matched.text_event];
            text.begin({event.kind, event.choice, event.tool_index}, const_cast<char*>(found.text_begin), true);
            text.extend(found.text_end, true);
        }
        if (matched.has_counts) has_usage = false;
        for (unsigned number = 0; matched.has_counts && number != matched.hole_count; ++number) {
            const Hole& hole = matched.holes[number];
            if (hole.kind == Hole::Kind::count) take_count(hole.target, number_in(found.holes[number]));
        }
        for (unsigned number = 0; number != matched.quirk_count; ++number) note(matched.quirks[number]);
    }
    // The next event of a text that matched. Returns false if there is none.
    bool next_matched(Event& event) noexcept {
        while (EventTemplate* const matched = templates.matched()) {
            const unsigned number = templates.delivered();
            event = matched->events()[number];
            if (number == matched->text_event) {
                if (!text.is_open()) {
                    const EventTemplate::Match& found = templates.found();
                    event.text = StringView(found.text_begin, static_cast<size_t>(found.text_end - found.text_begin));
                } else if (text.next(quirk_counts)) {
                    event.text = text.piece();
                    event.more = text.is_open();
                } else {  // a half that is held back
                    templates.note_delivered();
                    continue;
                }
            }
            if (event.kind == EventKind::usage) memcpy(&event.usage, counts, sizeof counts);
            if (event.sequence_number >= 0) event.sequence_number = sequence_of(*matched, event.sequence_number);
            if (!event.more) templates.note_delivered();
            return true;
        }
        return false;
    }

    // At the end of a text: what the dialect remembers from event to event, besides what is here.
    void learn(const Varying& varying, StringView memory) noexcept {
        if (!templates.has_memory()) return;
        if (text.holds_half()) templates.drop();  // the next text decides what becomes of it
        Known known;
        memset(static_cast<void*>(&known), 0, sizeof known);
        known.choices[0] = seen_choices;
        known.choices[1] = delta_choices;
        known.choices[2] = finished_choices;
        known.is_started = was_started;
        known.is_understood = was_understood;
        templates.learn(varying, {reinterpret_cast<const char*>(&known), sizeof known}, memory, quirk_counts);
    }

private:
    // What outlives an event and decides how others are read.
    struct Known {
        uint32_t choices[3];
        bool is_started, is_understood;
    };
    static int64_t number_in(const char* at) noexcept {
        int64_t number = 0;
        for (; ascii::is_digit(*at); ++at) number = number * 10 + (*at - '0');
        return number;
    }
    int64_t sequence_of(const EventTemplate& matched, int64_t learned) const noexcept {
        for (unsigned number = 0; number != matched.hole_count; ++number)
            if (matched.holes[number].kind == Hole::Kind::sequence) return number_in(templates.found().holes[number]);
        return learned;
    }
};

}  // namespace dialect

OPENAI_STREAM_END
