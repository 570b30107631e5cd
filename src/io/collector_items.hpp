#pragma once
// The output items of an answer, given back byte for byte in the next request: what the Responses API wants where it
// keeps nothing (store: false), above all reasoning with its encrypted_content. Given: events of an answer that was
// read for whole_items. Gives: InputItems.
#include "../dialect/item_reader.hpp"
#include "../request/response_input.hpp"
#include "collector.hpp"

OPENAI_STREAM_BEGIN

//     ask.extras = &oai::whole_items;
//     stream.open(server, ask);
//     while (stream.next(event)) message.add_with_item(event);
//     ...
//     for (const oai::InputItem& item : message.as_items()) history[count++] = item;
//     history[count++] = oai::InputItem::function_call_output(call.id, "twenty past nine");

inline uint16_t Collector::find_last_item() const noexcept {
    uint16_t index = texts_.count();
    while (index-- != 0)
        if (texts_[index].kind == EventKind::item_json) break;
    return index;  // 0xFFFF, which is `none`, if there is no item
}

// In place of add(), for every event of the answer. An item needs one more Record (56 bytes) and InputItem, and as many
// bytes as it has.
inline Error Collector::add_with_item(const Event& event) noexcept {
    if (event.kind != EventKind::item_json || error_ != Error::none) return add(event);
    forget_just_finished();
    uint16_t index = open_extra_;
    if (index == none) {
        const uint16_t last = find_last_item();
        index = add_record(EventKind::item_json, 0, sizeof(InputItem));
        if (index == none) return error_;
        // An item without output_index follows the one that came before it.
        texts_[index].index = event.output_index < 0 && last != none ? texts_[last].index : event.output_index;
        ++item_count_;
    }
    Record& item = texts_[index];
    if (!texts_.append(item, Field::text, event.text)) return fail(Error::message_too_large);
    open_extra_ = event.more ? index : none;
    if (!event.more) {
        item.set(Flag::finished);
        if (json::is_valid(texts_.get(item, Field::text))) item.set(Flag::ended);
    }
    return Error::none;
}

// In the order in which the answer has them: there are servers that end a message before the reasoning in front of it.
// They lie in the Collector's memory, in room that was kept for them. Valid until the next call that is not const.
inline List<InputItem> Collector::as_items() noexcept {
    char* const ids = texts_.kept_end() - detail::collected::generated_id_bytes * call_count_;
    char* const calls = ids - sizeof(ToolCall) * call_count_;
    char* const items = calls - sizeof(AssistantExtra) * refusal_count_ - sizeof(InputItem) * item_count_;
    size_t count = 0;
    for (uint16_t index = 0; index != texts_.count(); ++index) {
        if (!is_whole_item(index)) continue;
        const Record& record = texts_[index];
        size_t place = 0;  // how many are before it
        for (uint16_t other = 0; other != texts_.count(); ++other)
            if (is_whole_item(other) && texts_[other].index < record.index + (other < index ? 1 : 0)) ++place;
        const InputItem item = InputItem::json(JsonValue(texts_.get(record, Field::text)));
        memcpy(items + sizeof item * place, &item, sizeof item);
        ++count;
    }
    return count != 0 ? List<InputItem>(reinterpret_cast<const InputItem*>(items), count) : List<InputItem>();
}

OPENAI_STREAM_END
