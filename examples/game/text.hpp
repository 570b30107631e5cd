// Text on a canvas, by SDL_ttf and a font of the system.
#pragma once

#include "canvas.hpp"

#include <SDL_ttf.h>
#include <stdlib.h>
#include <map>
#include <memory>
#include <string>

namespace game {

class Font {
public:
    // Returns false if no font is there; GAME_FONT names another.
    bool open(int points) {
        const char* const chosen = getenv("GAME_FONT");
        for (const char* path : {chosen ? chosen : "", "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf",
                                 "/usr/share/fonts/TTF/DejaVuSans.ttf", "/usr/share/fonts/dejavu/DejaVuSans.ttf",
                                 "/usr/share/fonts/dejavu-sans-fonts/DejaVuSans.ttf",
                                 "/System/Library/Fonts/Supplemental/Arial.ttf", "C:\\Windows\\Fonts\\segoeui.ttf"}) {
            font_.reset(*path != '\0' ? TTF_OpenFont(path, points) : nullptr);
            if (font_) return true;
        }
        return false;
    }

    // Returns how wide it is. What is wider than there is room for is drawn narrower.
    int draw(Canvas& canvas, int left, int top, const std::string& text, Color color, int room = 10000) {
        SDL_Surface* const picture = render(text);
        if (!picture) return 0;
        const int width = std::min(picture->w, room);
        for (int y = std::max(0, -top); y < picture->h && top + y < canvas.height(); ++y) {
            const auto* row =
                reinterpret_cast<const uint32_t*>(static_cast<const char*>(picture->pixels) + y * picture->pitch);
            for (int x = std::max(0, -left); x < width && left + x < canvas.width(); ++x) {
                const uint32_t alpha = row[x * picture->w / width] >> 24;
                if (alpha != 0) canvas.blend(left + x, top + y, color, static_cast<float>(alpha) / 255);
            }
        }
        return width;
    }
    int width(const std::string& text) {
        int width = 0, height = 0;
        TTF_SizeUTF8(font_.get(), text.c_str(), &width, &height);
        return width;
    }
    int height() const { return TTF_FontLineSkip(font_.get()); }

private:
    struct Free {
        void operator()(TTF_Font* font) const { TTF_CloseFont(font); }
        void operator()(SDL_Surface* picture) const { SDL_FreeSurface(picture); }
    };

    // The pictures of the last texts are kept: most lines are the same in the next frame.
    SDL_Surface* render(const std::string& text) {
        if (text.empty()) return nullptr;
        if (pictures_.size() > 64) pictures_.clear();
        std::unique_ptr<SDL_Surface, Free>& picture = pictures_[text];
        if (!picture) picture.reset(TTF_RenderUTF8_Blended(font_.get(), text.c_str(), {255, 255, 255, 255}));
        return picture.get();
    }

    std::unique_ptr<TTF_Font, Free> font_;
    std::map<std::string, std::unique_ptr<SDL_Surface, Free>> pictures_;
};

}  // namespace game
