#pragma once

typedef int sec_tag_t;
